"""The heads of partners, by which their tokens count; those of existing books follow from their journals."""

from alembic import op

revision = "r022"
down_revision = "r021"

_OWNED = " ".join(
    f"UNION ALL SELECT book_id, partner_id, seq FROM {name}"  # noqa: S608  # these names
    for name in (
        "account_terms",
        "accounts",
        "api_key_grants",
        "customers",
        "endpoints",
        "forgettings",
        "legal_holds",
        "monitor_events",
        "monitors",
        "object_metadata",
        "outbound_calls",
        "partners",
        "personal_readings",
        "posting_templates",
        "refused_transfers",
        "request_answers",
    )
)
FILL = f"""
    INSERT INTO partner_heads (book_id, partner_id, seq, ordinal)
    WITH own AS (
        SELECT t.book_id, p.partner_id, t.seq FROM transfers t
        JOIN partners p ON p.book_id = t.book_id AND p.partner_no = t.partner_no
        UNION
        SELECT t.book_id, a.partner_id, t.seq FROM transfers t
        JOIN accounts a ON a.book_id = t.book_id AND a.account_no IN (t.debit_account_no, t.credit_account_no)
        {_OWNED}
    ), counted AS (
        SELECT book_id, partner_id, seq,
               row_number() OVER (PARTITION BY book_id, partner_id ORDER BY seq) AS ordinal
        FROM own
    )
    SELECT book_id, partner_id, max(seq), max(ordinal) FROM counted
    GROUP BY book_id, partner_id, seq - ordinal
"""  # noqa: S608  # the names above
"""The heads of the partners of all books, from their facts."""


def upgrade() -> None:
    op.execute("""
        CREATE TABLE partner_heads (
            book_id INTEGER NOT NULL,
            partner_id UUID NOT NULL,
            seq BIGINT NOT NULL,
            ordinal BIGINT NOT NULL,
            CONSTRAINT partner_heads_pkey PRIMARY KEY (book_id, partner_id, seq),
            CONSTRAINT partner_heads_book_id_fkey FOREIGN KEY(book_id) REFERENCES books (book_id),
            CONSTRAINT partner_heads_ordinal_check CHECK (ordinal > 0),
            CONSTRAINT partner_heads_book_id_partner_id_ordinal_key UNIQUE (book_id, partner_id, ordinal)
        )
    """)
    op.execute(FILL)
