"""Derivations of the tables beside the journal: books, API keys, unfinished imports and answers follow from facts."""

from typing import Final

from ledger import vault
from ledger.book.audits.derivations import Derivation
from ledger.flows.registry import PROJECTION_DERIVATIONS
from ledger.kernel.record import Fact
from ledger.kernel.sql import table
from ledger.records import RECORDS
from ledger.tenancy.records import Book

_OPENINGS: Final = """
    SELECT coalesce(b.book_id, o.book_id) AS book, said.what, said.stands, said.opened_as
    FROM books b FULL JOIN book_openings o USING (book_id)
    CROSS JOIN LATERAL (VALUES
        ('name', b.name, o.name),
        ('jurisdiction', b.jurisdiction, o.jurisdiction),
        ('currency', b.currency, o.currency),
        ('created_at', b.created_at::text, o.opened_at::text),
        ('live partner', b.live_partner_id::text, o.live_partner_id::text)
    ) AS said (what, stands, opened_as)
    WHERE said.stands IS DISTINCT FROM said.opened_as
"""
_KEYS: Final = """
    WITH granted AS (
        SELECT DISTINCT ON (api_key_id) * FROM api_key_grants WHERE book_id = :book ORDER BY api_key_id, seq DESC
    ), stored AS (
        SELECT * FROM api_keys WHERE book_id = :book
    )
    SELECT coalesce(s.api_key_id, g.api_key_id) AS api_key, g.seq AS granted_at, said.what, said.stands, said.granted
    FROM granted g FULL JOIN stored s USING (api_key_id)
    CROSS JOIN LATERAL (VALUES
        ('partner', s.partner_id::text, g.partner_id::text),
        ('scopes', s.scopes, g.scopes),
        ('hash of its secret', left(encode(s.key_hash, 'hex'), 16), left(encode(g.key_hash, 'hex'), 16)),
        ('created_at', s.created_at::text, g.issued_at::text),
        ('revoked_at', s.revoked_at::text, g.revoked_at::text),
        ('label', s.label, g.label),
        ('expires_at', s.expires_at::text, g.expires_at::text),
        ('addresses', s.addresses, g.addresses),
        ('replaced key', s.replaces_id::text, g.replaces_id::text)
    ) AS said (what, stands, granted)
    WHERE said.stands IS DISTINCT FROM said.granted
       OR said.what LIKE 'hash%' AND s.key_hash IS DISTINCT FROM g.key_hash
"""
_IMPORTS: Final = """
    WITH newest AS (
        SELECT DISTINCT ON (mapping, files) * FROM import_steps WHERE book_id = :book
        ORDER BY mapping, files, seq DESC
    ), begun AS (
        SELECT * FROM newest WHERE step = 'begun'
    ), stored AS (
        SELECT * FROM unfinished_imports WHERE book_id = :book
    )
    SELECT coalesce(s.mapping, b.mapping) AS mapping, coalesce(s.files, b.files) AS files,
           CASE WHEN s.mapping IS NULL THEN 'began and has no mark'
                WHEN b.mapping IS NULL THEN 'has a mark and did not begin' ELSE 'began at another time' END AS it
    FROM begun b FULL JOIN stored s ON s.mapping = b.mapping AND s.files = b.files
    WHERE s.began_at IS DISTINCT FROM b.began_at
"""
_ANSWERS: Final = """
    WITH facts AS (
        SELECT * FROM request_answers WHERE book_id = :book
    ), stored AS (
        SELECT * FROM answered_requests WHERE book_id = :book
    )
    SELECT coalesce(s.request_id, f.request_id) AS request, f.seq AS recorded_at,
           CASE WHEN s.request_id IS NULL THEN 'is missing' WHEN f.request_id IS NULL THEN 'was never answered'
                ELSE 'differs' END AS it,
           s.answered_seq AS stands, f.answered_seq AS answered
    FROM facts f FULL JOIN stored s USING (request_id)
    WHERE (s.partner_id, s.content_hash, s.answered_seq, s.refusal_code, s.refusal)
          IS DISTINCT FROM (f.partner_id, f.content_hash, f.answered_seq, f.refusal_code, f.refusal)
"""
_CLOCKS: Final = """
    WITH derived AS (
        SELECT (
            SELECT coalesce((
                SELECT ahead_us FROM sandbox_clock_advances WHERE book_id = :book ORDER BY seq DESC LIMIT 1
            ), 0) FROM book_openings WHERE book_id = :book AND live_partner_id IS NOT NULL
        ) AS clock_ahead_us
    )
    SELECT h.clock_ahead_us AS stands, d.clock_ahead_us AS moved
    FROM book_heads h CROSS JOIN derived d
    WHERE h.book_id = :book AND h.clock_ahead_us IS DISTINCT FROM d.clock_ahead_us
"""
_OF_BOOKS: Final = sorted(
    record.TABLE
    for record in RECORDS
    if "book_id" in table(record).columns and record is not Book and not record.__module__.startswith(vault.__name__)
)
"""The tables whose rows belong to a book; the vault also has keys of the installation, under no book."""
_STRAYS: Final = " UNION ALL ".join(
    f"(SELECT '{name}' AS in_table, book_id AS of_book FROM {name} "  # noqa: S608  # our tables
    f"WHERE book_id NOT IN (SELECT book_id FROM books) LIMIT 1)"
    for name in _OF_BOOKS
)
_OWNED: Final = sorted(
    record.TABLE
    for record in RECORDS
    if issubclass(record, Fact) and record.IS_LEAF and "partner_id" in table(record).columns
)
_OWN: Final = "SELECT partner_id, seq FROM {} WHERE book_id = :book AND partner_id IS NOT NULL"
_HEADS: Final = f"""
    WITH own AS (
        SELECT p.partner_id, t.seq FROM transfers t
        JOIN partners p ON p.book_id = t.book_id AND p.partner_no = t.partner_no WHERE t.book_id = :book
        UNION
        SELECT a.partner_id, t.seq FROM transfers t
        JOIN accounts a ON a.book_id = t.book_id AND a.account_no IN (t.debit_account_no, t.credit_account_no)
        WHERE t.book_id = :book
        {" ".join(f"UNION ALL {_OWN.format(name)}" for name in _OWNED)}
    ), counted AS (
        SELECT partner_id, seq, row_number() OVER following AS ordinal, lead(seq) OVER following AS next_seq
        FROM own WINDOW following AS (PARTITION BY partner_id ORDER BY seq)
    ), stored AS (
        SELECT partner_id, seq, ordinal FROM partner_heads WHERE book_id = :book
    )
    SELECT seq AS position, partner_id AS partner, s.ordinal AS stands, c.ordinal AS counted
    FROM counted c FULL JOIN stored s USING (partner_id, seq)
    WHERE c.seq IS NULL OR s.ordinal <> c.ordinal
       OR s.seq IS NULL AND c.next_seq IS DISTINCT FROM c.seq + 1
"""  # noqa: S608  # our tables

SERVER_DERIVATIONS: Final = (
    Derivation("books_follow_from_openings", _OPENINGS, "every book is as it was opened"),
    Derivation("rows_belong_to_books", _STRAYS, "every row belongs to an existing book"),
)
"""Checks that run once for all books of a server, including books that the directory does not name."""

BOOK_DERIVATIONS: Final = (
    Derivation("api_keys_follow_from_grants", _KEYS, "every API key is as it was granted, and there is no other"),
    Derivation("import_marks_follow_from_steps", _IMPORTS, "the marks are those of unfinished imports"),
    Derivation("answered_requests_follow_from_answers", _ANSWERS, "every answer is as it was recorded"),
    Derivation("partner_heads_follow_from_facts", _HEADS, "every run of a partner's own facts is counted at its end"),
    Derivation(
        "clocks_follow_from_advances", _CLOCKS, "a sandbox's clock is as it was moved, and a live book has none"
    ),
    *PROJECTION_DERIVATIONS,
)
"""Checks of the tables beside a book's journal."""
