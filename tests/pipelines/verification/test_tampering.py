"""The verification names every kind of tampering by who has the server itself, with its check and what differs."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime
from uuid import UUID

import pytest
import sqlalchemy as sa

from ledger.book.audit import Finding, audit, chained, derived
from ledger.events.feed import FACTS
from ledger.kernel.record import Column, columns
from ledger.kernel.sql import create_engine
from ledger.kernel.work import Reader
from ledger.partners.derivations import BOOK_DERIVATIONS, SERVER_DERIVATIONS

_T1 = "(SELECT min(seq) FROM transfers WHERE tags = 'blue')"
_A = "(SELECT account_id FROM accounts WHERE external_ref = 'test:A')"

KINDS = {
    # Amounts and sums, also such that no sum fits the store's number any more.
    "an amount": (f"UPDATE transfers SET amount_minor = 6001 WHERE seq = {_T1}", "sums_follow", "summed_debits 6001"),
    "an amount of the largest number": (
        f"UPDATE transfers SET amount_minor = 9223372036854775807 WHERE seq = {_T1}",
        "sums_follow",
        "summed_debits 9223372036854775807",
    ),
    "sums of the largest number": (
        (
            "UPDATE transfers SET debit_account_debits_minor = 9223372036854775807, "
            "debit_account_pending_debits_minor = 9223372036854775807"
        ),
        "limits_hold",
        "debits 9223372036854775807",
    ),
    "a credit line of the largest number": (
        "UPDATE accounts SET credit_line_minor = 9223372036854775807 WHERE external_ref = 'test:C'",
        "hash_chain",
        "of accounts): a fact was changed",
    ),
    "a stated sum": (
        f"UPDATE transfers SET credit_account_credits_minor = 1 WHERE seq = {_T1}",
        "sums_follow",
        "stored_credits 1, summed_credits 6000",
    ),
    "a stated reservation": (
        "UPDATE transfers SET debit_account_pending_debits_minor = NULL WHERE kind = 'hold' AND amount_minor = 700",
        "sums_follow",
        "stored_pending 0, summed_pending 700",
    ),
    # Transfers that are missing, surplus, swapped, or other than they were.
    "a missing transfer": (f"DELETE FROM transfers WHERE seq = {_T1}", "hash_chain", "missing"),
    "a surplus transfer": (
        (
            "INSERT INTO transfers SELECT (jsonb_populate_record(t, jsonb_build_object('seq', 999999, 'transfer_id', "
            f"gen_random_uuid()))).* FROM transfers t WHERE seq = {_T1}"
        ),
        "hash_chain",
        "behind the last batch: 999999 surplus",
    ),
    "two transfers swapped": (
        (
            "UPDATE transfers t SET external_ref = 'one', amount_minor = 1500 - amount_minor "
            "WHERE amount_minor IN (1000, 500) AND group_id IS NOT NULL"
        ),
        "sums_follow",
        "account test:A",
    ),
    "a currency": (f"UPDATE transfers SET currency = 'EUR' WHERE seq = {_T1}", "currencies_agree", "currency EUR"),
    "a reference": (
        f"UPDATE transfers SET external_ref = 'bribe' WHERE seq = {_T1}",
        "hash_chain",
        "of transfers, 2 of monitor_events): a fact was changed",
    ),
    "an accounting date": (
        f"UPDATE transfers SET booked_on = booked_on - 1 WHERE seq = {_T1}",
        "dates_follow_from_times",
        "booked_on 2020-02-29, derived 2020-03-01",
    ),
    "an effective time in the future": (
        f"UPDATE transfers SET effective_at = '9000-01-01', booked_on = '9000-01-01' WHERE seq = {_T1}",
        "dates_follow_from_times",
        "effective_at 9000-01-01",
    ),
    "an effective time that is no time": (
        f"UPDATE transfers SET effective_at = 'infinity' WHERE seq = {_T1}",
        "dates_follow_from_times",
        "effective_at infinity",
    ),
    "an account that is not there": (
        f"UPDATE transfers SET credit_account_no = 999 WHERE seq = {_T1}",
        "references_lead_to_facts",
        "what credit account, which 999",
    ),
    "a partner that is not there": (
        f"UPDATE transfers SET partner_no = 999 WHERE seq = {_T1}",
        "references_lead_to_facts",
        "what partner, which 999",
    ),
    "an actor that is not there": (
        f"UPDATE transfers SET actor_no = 999 WHERE seq = {_T1}",
        "references_lead_to_facts",
        "what actor, which 999",
    ),
    "a transfer that two accounts have": (
        (
            "ALTER TABLE transfers DROP CONSTRAINT transfers_sides_check; "
            "UPDATE transfers SET debit_account_no = credit_account_no WHERE kind = 'post'"
        ),
        "holds_end_once_and_rightly",
        "kind post",
    ),
    # Holds, their ends and deadlines.
    "what an end says of its hold": (
        "UPDATE transfers SET amount_minor = 801 WHERE kind = 'post'",
        "holds_end_once_and_rightly",
        "amount 801, held 800",
    ),
    "the kind of an end": (
        "UPDATE transfers SET kind = 'transfer' WHERE kind = 'post'",
        "holds_end_once_and_rightly",
        "kind transfer",
    ),
    "a deadline": (
        "UPDATE transfers SET expires_at = '2100-01-01' WHERE kind = 'hold' AND amount_minor = 700",
        "deadlines_were_kept",
        "ended_by expiry",
    ),
    "an open hold that is missing": ("DELETE FROM open_holds", "open_holds_follow", "is missing among the open holds"),
    "an open hold that is surplus": (
        (
            "INSERT INTO open_holds SELECT book_id, 1, partner_no, expires_at, debit_account_no, credit_account_no "
            "FROM open_holds LIMIT 1"
        ),
        "open_holds_follow",
        "position 1, hold is surplus",
    ),
    "an open hold of another partner": (
        "UPDATE open_holds SET partner_no = partner_no + 1",
        "open_holds_follow",
        "hold differs",
    ),
    # Reversals.
    "a reversal of what is not there": (
        "UPDATE transfers SET reverses_seq = 999999 WHERE reverses_seq IS NOT NULL",
        "reversals_follow",
        "but nothing is there",
    ),
    "a reversal of a hold": (
        (
            "UPDATE transfers SET reverses_seq = (SELECT min(seq) FROM transfers WHERE kind = 'hold') "
            "WHERE reverses_seq IS NOT NULL"
        ),
        "reversals_follow",
        "but that is a hold and moved nothing",
    ),
    "a reversal of other money": (
        f"UPDATE transfers SET reverses_seq = {_T1} WHERE reverses_seq IS NOT NULL",
        "reversals_follow",
        "but it is not the same money the other way",
    ),
    # Outcomes.
    "a refusal that is gone": ("DELETE FROM refused_transfers", "hash_chain", "missing"),
    "a refusal's code": (
        "UPDATE refused_transfers SET result = 'period_closed'",
        "hash_chain",
        "of refused_transfers): a fact was changed",
    ),
    "a refused id that was accepted": (
        f"UPDATE refused_transfers SET transfer_id = (SELECT transfer_id FROM transfers WHERE seq = {_T1})",
        "outcomes_are_final",
        "accepted_at",
    ),
    # Accounts over time: limits, freezes, closings, monitors.
    "a limit": (
        "UPDATE accounts SET debits_within_credits = true WHERE external_ref = 'test:world-USD'",
        "limits_hold",
        "account test:world-USD",
    ),
    "a credit line": (
        "UPDATE accounts SET credit_line_minor = 0 WHERE external_ref = 'test:C'",
        "limits_hold",
        "account test:C",
    ),
    "the currency of an account": (
        "UPDATE accounts SET currency = 'EUR' WHERE external_ref = 'test:B'",
        "currencies_agree",
        "credit_account_in EUR",
    ),
    "a freeze of another account": (
        f"UPDATE account_terms SET account_id = {_A} WHERE frozen = 'debits'",
        "freezes_hold",
        "account test:A, side debit, frozen debits",
    ),
    "an account that was closed": (
        "UPDATE transfers SET closes = 'debit' WHERE kind = 'hold' AND amount_minor = 700",
        "closed_accounts_stay_closed",
        "account test:A",
    ),
    "a monitor's threshold": (
        "UPDATE monitors SET threshold_minor = 1 WHERE comparison = 'below'",
        "monitor_events_follow",
        "derived None",
    ),
    "what a monitor saw": (
        "UPDATE monitor_events SET measured_minor = 9223372036854775807",
        "monitor_events_follow",
        "stored 9223372036854775807, derived 4000",
    ),
    "a sighting that is gone": ("DELETE FROM monitor_events", "monitor_events_follow", "stored None, derived 4000"),
    # Tags.
    "a tag that is missing": ("DELETE FROM transfer_tags", "tags_follow", "tag blue, it is missing"),
    "a tag that is surplus": (
        "INSERT INTO transfer_tags SELECT book_id, partner_no, 'gold', seq FROM transfer_tags",
        "tags_follow",
        "tag gold, it is surplus",
    ),
    # Closed periods.
    "a seal": ("UPDATE period_closings SET seal = 'x'", "seals_follow", "closed until 2020-02-28: the seal"),
    "a closed day": (
        "UPDATE period_closings SET closed_until_on = '2020-03-09'",
        "closed_periods_stay_closed",
        "closed_until_on 2020-03-09",
    ),
    # The chain and the head.
    "a link that is gone": ("DELETE FROM journal_batches WHERE first_seq = 2", "hash_chain", "no batch covers"),
    "the newest link": (
        "DELETE FROM journal_batches WHERE seq = (SELECT max(seq) FROM journal_batches)",
        "hash_chain",
        "behind the last batch",
    ),
    "a link's hash": (
        "UPDATE journal_batches SET hash = previous_hash WHERE first_seq = 2",
        "hash_chain",
        "the link does not follow from the one before",
    ),
    "a link's root": ("UPDATE journal_batches SET merkle_root = 'x' WHERE first_seq = 2", "hash_chain", "was changed"),
    "a link's instant": (
        "UPDATE journal_batches SET recorded_at = recorded_at - interval '1s' WHERE first_seq = 2",
        "hash_chain",
        "the link does not follow",
    ),
    "a link's instant that is no instant": (
        "UPDATE journal_batches SET recorded_at = 'infinity' WHERE first_seq = 2",
        "hash_chain",
        "the check could not be made",
    ),
    "a link that spans nothing": (
        (
            "ALTER TABLE journal_batches DROP CONSTRAINT journal_batches_order_check; "
            "UPDATE journal_batches SET first_seq = seq + 1 WHERE first_seq = 2"
        ),
        "hash_chain",
        "surplus",
    ),
    "the head's position": ("UPDATE book_heads SET last_seq = last_seq + 1", "hash_chain", "the head says position"),
    "the head's hash": ("UPDATE book_heads SET last_hash = 'x'", "hash_chain", "the head says position"),
    "the head's instant": (
        "UPDATE book_heads SET last_recorded_at = '9000-01-01'",
        "head_follows",
        "mark last_recorded_at, head_says 9000-01-01",
    ),
    "the head's instant that is no instant": (
        "UPDATE book_heads SET last_recorded_at = 'infinity'",
        "head_follows",
        "mark last_recorded_at, head_says infinity",
    ),
    "the head's closed day": (
        "UPDATE book_heads SET closed_until_on = NULL",
        "head_follows",
        "mark closed_until_on, head_says None, journal_says 2020-02-28",
    ),
    "how far history was imported": (
        "UPDATE book_heads SET imported_until_at = '1999-01-01'",
        "head_follows",
        "mark imported_until_at, head_says 1999-01-01",
    ),
    "what was imported": (
        "UPDATE transfers SET is_imported = NULL",
        "head_follows",
        "journal_says None",
    ),
    "a head that is gone": ("DELETE FROM book_heads", "hash_chain", "the check could not be made"),
    # Books.
    "a book's currency": (
        "UPDATE books SET currency = 'EUR'",
        "books_follow",
        "what currency, stands EUR, opened_as USD",
    ),
    "a book's jurisdiction": (
        "UPDATE books SET jurisdiction = 'DE'",
        "books_follow",
        "what jurisdiction, stands DE, opened_as US",
    ),
    "a book's name": ("UPDATE books SET name = 'other'", "books_follow", "what name, stands other, opened_as whole"),
    "when a book was opened": (
        "UPDATE books SET created_at = 'infinity'",
        "books_follow",
        "what created_at, stands infinity",
    ),
    "a book that is gone": ("DELETE FROM books", "books_follow", "what name, stands None, opened_as whole"),
    "a book that nobody opened": (
        "INSERT INTO books VALUES (7, 'ghost', 'US', 'USD', now())",
        "books_follow",
        "book 7, what name, stands ghost, opened_as None",
    ),
    "rows of a book that is not there": (
        f"INSERT INTO transfer_tags VALUES (9, 1, 'blue', {_T1})",
        "rows_belong_to_books",
        "in_table transfer_tags, of_book 9",
    ),
    # API keys.
    "a key of another partner": (
        "UPDATE api_keys SET partner_id = (SELECT partner_id FROM partners WHERE external_ref = 'rival')",
        "api_keys_follow",
        "what partner, stands",
    ),
    "a key that may do more": (
        "UPDATE api_keys SET scopes = 'read write' WHERE scopes = 'read'",
        "api_keys_follow",
        "what scopes, stands read write, granted read",
    ),
    "a key that was revoked": (
        "UPDATE api_keys SET revoked_at = NULL",
        "api_keys_follow",
        "what revoked_at, stands None, granted 20",
    ),
    "a key with another secret": ("UPDATE api_keys SET key_hash = 'x'", "api_keys_follow", "hash of its secret"),
    "a key with another secret that begins alike": (
        "UPDATE api_keys SET key_hash = set_byte(key_hash, 31, (get_byte(key_hash, 31) + 1) % 256)",
        "api_keys_follow",
        "hash of its secret",
    ),
    "a key that nobody issued": (
        (
            "INSERT INTO api_keys SELECT book_id, gen_random_uuid(), partner_id, key_hash, scopes, created_at, NULL "
            "FROM api_keys LIMIT 1"
        ),
        "api_keys_follow",
        "granted_at None, what partner",
    ),
    "a key that is gone": ("DELETE FROM api_keys", "api_keys_follow", "what partner, stands None"),
    "a grant": (
        "UPDATE api_key_grants SET scopes = 'read write'",
        "hash_chain",
        "of api_key_grants): a fact was changed",
    ),
    # Marks of imports, answers to requests.
    "a mark that is gone": (
        "DELETE FROM unfinished_imports",
        "import_marks_follow",
        "mapping half, files b.csv, it began and has no mark",
    ),
    "a mark of an import that did not begin": (
        "INSERT INTO unfinished_imports VALUES (1, 'ghost', 'c.csv', now())",
        "import_marks_follow",
        "mapping ghost, files c.csv, it has a mark and did not begin",
    ),
    "when an import began": (
        "UPDATE unfinished_imports SET began_at = 'infinity'",
        "import_marks_follow",
        "it began at another time",
    ),
    "an answer that is gone": ("DELETE FROM answered_requests", "answered_requests_follow", "it is missing"),
    "what was asked for": (
        "UPDATE answered_requests SET content_hash = 'x'",
        "answered_requests_follow",
        "it differs",
    ),
    "what a request came to": (
        "UPDATE answered_requests SET answered_seq = 1",
        "answered_requests_follow",
        "stands 1, answered",
    ),
    "an answer that nobody asked for": (
        (
            "INSERT INTO answered_requests SELECT book_id, gen_random_uuid(), partner_id, content_hash, answered_seq "
            "FROM answered_requests LIMIT 1"
        ),
        "answered_requests_follow",
        "it was never answered",
    ),
}
"""A kind of tampering -> what is run as superuser, the check that names it, and what it says."""


@pytest.fixture
def owner(whole_book):
    made = create_engine(whole_book.engine.url.render_as_string(hide_password=False), role=None)
    yield made
    made.dispose()


def _verified(connection: sa.Connection) -> list[Finding]:
    reader = Reader(connection)
    return [*audit(reader, 1), *derived(reader, 1, BOOK_DERIVATIONS), *derived(reader, None, SERVER_DERIVATIONS)]


@contextmanager
def _superuser(owner: sa.Engine) -> Iterator[sa.Connection]:
    """A transaction that is never committed, in which no trigger and no key stands in the way."""
    with owner.connect() as connection:
        connection.execute(sa.text("SET LOCAL session_replication_role = replica"))
        for constraint in ("insight_cells_book_id_release_id_vertical_key", "actors_book_id_name_key"):
            table = constraint.split("_book_id_")[0]
            connection.execute(sa.text(f"ALTER TABLE {table} DROP CONSTRAINT IF EXISTS {constraint}"))
        yield connection


def _tampered(owner: sa.Engine, *statements: str) -> list[Finding]:
    with _superuser(owner) as connection:
        for statement in statements:
            assert connection.execute(sa.text(statement)).rowcount != 0
        return [finding for finding in _verified(connection) if not finding.ok]


def test_a_book_with_something_of_everything_passes_every_check(owner):
    with owner.connect() as connection:
        empty = [
            record.TABLE
            for record in FACTS
            if connection.execute(sa.text(f"SELECT count(*) FROM {record.TABLE}")).scalar_one() == 0
        ]

        assert [finding for finding in _verified(connection) if not finding.ok] == []
        assert empty == []


def test_every_step_of_an_import_has_its_actor_and_reason(owner):
    with owner.connect() as connection:
        steps = connection.execute(sa.text("SELECT mapping, step, actor, reason FROM import_steps ORDER BY seq")).all()

    assert [tuple(step) for step in steps] == [
        ("cards", "begun", "import:cards", "its files are read"),
        ("cards", "ended", "import:cards", "all of its files were read"),
        ("given-up", "begun", "import:given-up", "its files are read"),
        ("half", "begun", "import:half", "its files are read"),
        ("given-up", "abandoned", "operator:ann", "the file is lost"),
    ]


@pytest.mark.parametrize("kind", KINDS)
def test_a_kind_of_tampering_is_named(owner, kind):
    statements, check, says = KINDS[kind]

    found = _tampered(owner, *statements.split("; "))

    assert [says for finding in found if finding.check.startswith(check) and says in finding.detail], found


@pytest.mark.parametrize("record", FACTS, ids=lambda record: record.TABLE)
def test_the_chain_names_a_change_of_any_column_of_a_fact(owner, record):
    first = f"WHERE seq = (SELECT min(seq) FROM {record.TABLE})"
    named = re.compile(rf"[(, ]1?\d+ of {record.TABLE}[,)].*a fact was changed")

    unseen = []
    for column in columns(record)[3:]:
        with _superuser(owner) as connection:
            connection.execute(sa.text(f"UPDATE {record.TABLE} SET {column.name} = {_other(column)} {first}"))
            if not named.search(chained(Reader(connection), 1).detail):
                unseen.append(column.name)

    assert unseen == []


def _other(column: Column) -> str:
    """Another value of a column, in SQL."""
    if column.choices:
        return (
            f"CASE {column.name} WHEN '{column.choices[0]}' THEN '{column.choices[1]}' ELSE '{column.choices[0]}' END"
        )
    return _OTHERS[column.storage].format(column.name)


_OTHERS = {
    bool: "NOT coalesce({0}, false)",
    int: "coalesce({0}, 0) + 1000",
    str: "coalesce({0}, 's1.') || 'x'",
    bytes: "'x'::bytea",
    UUID: "gen_random_uuid()",
    date: "'1999-09-09'::date",
    datetime: "'1999-09-09 09:09:09Z'::timestamptz",
}
