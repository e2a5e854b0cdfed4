"""The row ledger gives what it is measured for: the guarantees of the book."""

from collections.abc import Iterator

import psycopg
import pytest

from bench.meters import Meter
from bench.row_ledger import post_rows, posted_rows, scratch_row_ledger

A, B, POOR = 1, 2, 3
FIRST, SECOND = "018f0000-0000-7000-8000-000000000001", "018f0000-0000-7000-8000-000000000002"
CHAIN = """
    SELECT count(*), count(*) FILTER (WHERE link = sha256(
        coalesce(before, decode(repeat('00', 32), 'hex')) || int8send(seq) || timestamptz_send(recorded_at)
        || uuid_send(transfer_id) || int8send(debit_account_no) || int8send(credit_account_no)
        || int8send(amount_minor) || convert_to(concat_ws(chr(31), currency, code, result), 'UTF8')))
    FROM (
        SELECT *, lag(link) OVER (ORDER BY seq) AS before FROM (
            SELECT seq, transfer_id, recorded_at, debit_account_no, credit_account_no, amount_minor, currency, code,
                   'created' AS result, link FROM row_transfers
            UNION ALL
            SELECT seq, transfer_id, recorded_at, debit_account_no, credit_account_no, amount_minor, currency, code,
                   result, link FROM row_refused_transfers) facts) linked
"""


@pytest.fixture
def url(server: str) -> Iterator[str]:
    with scratch_row_ledger(server, accounts=100) as made:
        with psycopg.connect(made, autocommit=True) as connection:
            connection.execute("UPDATE row_accounts SET debits_within_credits = true WHERE account_no = %s", (POOR,))
        yield made


@pytest.fixture
def ledger(url: str) -> Iterator[psycopg.Connection]:
    with psycopg.connect(url, autocommit=True) as connection:
        yield connection


def asked(ledger: psycopg.Connection, *order: object) -> str:
    return ledger.execute("SELECT row_post(%s, %s, %s, %s, %s, 'test')", order).fetchone()[0]


def test_a_resend_is_recognised_and_its_content_compared(ledger: psycopg.Connection) -> None:
    first = asked(ledger, FIRST, A, B, 100, "USD")

    again = asked(ledger, FIRST, A, B, 100, "USD")
    changed = asked(ledger, FIRST, A, B, 101, "USD")

    assert (first, again, changed) == ("created", "exists", "exists_with_different_amount")
    assert ledger.execute("SELECT debits_minor FROM row_accounts WHERE account_no = %s", (A,)).fetchone() == (100,)


@pytest.mark.parametrize(
    ("order", "result"),
    [
        ((POOR, B, 1, "USD"), "insufficient_funds"),
        ((A, B, 1, "EUR"), "currency_mismatch"),
        ((999, B, 1, "USD"), "debit_account_not_found"),
        ((A, 999, 1, "USD"), "credit_account_not_found"),
    ],
)
def test_a_refusal_is_recorded_and_its_id_stays_refused(
    ledger: psycopg.Connection, order: tuple[object, ...], result: str
) -> None:
    refused = asked(ledger, FIRST, *order)

    again = asked(ledger, FIRST, A, B, 1, "USD")

    assert (refused, again) == (result, "id_already_failed")
    assert ledger.execute("SELECT seq, result FROM row_refused_transfers").fetchall() == [(1, result)]


def test_a_changed_amount_breaks_the_chain(ledger: psycopg.Connection) -> None:
    asked(ledger, FIRST, A, B, 100, "USD")
    asked(ledger, SECOND, POOR, B, 1, "USD")
    whole = ledger.execute(CHAIN).fetchone()

    ledger.execute("UPDATE row_transfers SET amount_minor = 99")

    assert (whole, ledger.execute(CHAIN).fetchone()) == ((2, 2), (2, 1))


@pytest.mark.parametrize("shape", ["uniform", "hot", "queued"])
def test_concurrent_callers_leave_dense_positions_and_true_balances(server: str, url: str, shape: str) -> None:
    sample = post_rows(Meter(server), url, shape, accounts=100, seconds=1)

    posted = posted_rows(url)
    with psycopg.connect(url) as ledger:
        facts, true_links = ledger.execute(CHAIN).fetchone()
        sums = ledger.execute("SELECT sum(debits_minor), sum(credits_minor) FROM row_accounts").fetchone()
        wrong = ledger.execute("""
            SELECT count(*) FROM row_accounts a JOIN LATERAL (
                SELECT * FROM row_entries e WHERE e.account_no = a.account_no ORDER BY seq DESC LIMIT 1) e ON true
            WHERE (a.debits_minor, a.credits_minor, a.last_seq) <> (e.debits_after_minor, e.credits_after_minor, e.seq)
        """).fetchone()
        created = ledger.execute("SELECT count(*) FROM row_transfers").fetchone()
    assert facts == true_links == posted
    assert sums == (created[0] * 100, created[0] * 100)
    assert wrong == (0,)
    assert sample.server_seconds > 0
