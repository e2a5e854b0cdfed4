"""The audit passes on what the book wrote, and names each kind of tampering."""

import pytest
import sqlalchemy as sa

from ledger.book.audit import audit
from ledger.kernel.work import read

TAMPERINGS = {
    "UPDATE transfers SET amount_minor = amount_minor + 1 WHERE seq = {t1}": {
        "hash_chain",
        "entries_follow_from_transfers",
    },
    "UPDATE balances SET credits_minor = credits_minor + 1 WHERE account_id = '{b}'": {
        "balances_follow_from_entries",
        "trial_balance_is_zero",
    },
    "DELETE FROM entries WHERE seq = {t1} AND side = 'debit'": {
        "entries_follow_from_transfers",
        "running_sums_follow_from_entries",
        "balances_follow_from_entries",
    },
    "DELETE FROM refused_transfers": {"hash_chain"},
    "UPDATE refused_transfers SET result = 'currency_mismatch'": {"hash_chain"},
    "DELETE FROM journal_batches WHERE seq = (SELECT max(seq) FROM journal_batches)": {"hash_chain"},
    "UPDATE journal_batches SET hash = previous_hash WHERE seq = {t1}": {"hash_chain"},
    "UPDATE accounts SET currency = 'EUR' WHERE external_ref = 'test:B'": {"hash_chain", "trial_balance_is_zero"},
    "UPDATE accounts SET debits_within_credits = true WHERE external_ref = 'test:world-USD'": {
        "hash_chain",
        "limits_hold",
    },
    "UPDATE entries SET debits_after_minor = debits_after_minor + 1 WHERE seq = {t1} AND side = 'debit'": {
        "running_sums_follow_from_entries"
    },
    "UPDATE book_heads SET last_seq = last_seq + 1": {"hash_chain"},
}


def _wrong(book) -> dict[str, str]:
    with read(book.engine) as reader:
        return {finding.check: finding.detail for finding in audit(reader, book.book_id) if not finding.ok}


@pytest.fixture
def used_book(book):
    book.check("""
        open   A 100.00 USD
        open   B 0.00 USD
        move   A -> B 60.00  t1   ok
        batch
        move   A -> B 60.00  t2   insufficient_funds
        batch
        linked A -> B 10.00  t3   ok
        linked A -> B 5.00   t4   ok
    """)
    return book


def test_an_untouched_book_passes_every_check(used_book):
    assert _wrong(used_book) == {}


@pytest.mark.parametrize("statement", TAMPERINGS)
def test_tampering_is_named(used_book, statement):
    with used_book.engine.begin() as connection:
        t1 = connection.execute(sa.text("SELECT seq FROM transfers WHERE amount_minor = 6000")).scalar_one()
        tampered = connection.execute(sa.text(statement.format(t1=t1, b=used_book.account_id("B"))))
        assert tampered.rowcount == 1

    assert set(_wrong(used_book)) == TAMPERINGS[statement]


def test_the_changed_transfer_is_named_with_both_amounts(used_book):
    with used_book.engine.begin() as connection:
        connection.execute(sa.text("UPDATE transfers SET amount_minor = 6001 WHERE amount_minor = 6000"))

    detail = _wrong(used_book)["entries_follow_from_transfers"]

    assert "transfer_says 6001" in detail
    assert "entry_says 6000" in detail
