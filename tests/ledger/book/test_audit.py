"""The audit passes on what the book wrote, and names each kind of tampering."""

import pytest
import sqlalchemy as sa

from ledger.book.audit import audit
from ledger.kernel.work import read

SUMS, CHAIN, ZERO = "sums_follow_from_transfers", "hash_chain", "trial_balance_is_zero"

TAMPERINGS = {
    # A changed amount, and a changed sum: each is in the leaf that the chain proves, and contradicts its neighbours.
    "UPDATE transfers SET amount_minor = amount_minor + 1 WHERE seq = {t1}": {CHAIN, SUMS},
    "UPDATE transfers SET debit_account_debits_minor = debit_account_debits_minor + 1 WHERE seq = {last}": {
        CHAIN,
        SUMS,
        ZERO,
    },
    # A missing entry is a missing transfer, and a surplus one a surplus transfer: both sides are one row.
    "DELETE FROM transfers WHERE seq = {last}": {CHAIN, "open_holds_follow_from_transfers"},
    "INSERT INTO transfers SELECT (jsonb_populate_record(t, jsonb_build_object('seq', {last} + 1, "
    "'transfer_id', gen_random_uuid(), 'hold_seq', NULL))).* FROM transfers t WHERE seq = {t1}": {CHAIN, SUMS, ZERO},
    # Two rows swapped.
    "UPDATE transfers SET seq = -seq WHERE seq IN ({t1}, {last})": {CHAIN, SUMS, "open_holds_follow_from_transfers"},
    # Outcomes of idempotency.
    "DELETE FROM refused_transfers": {CHAIN},
    "UPDATE refused_transfers SET result = 'currency_mismatch'": {CHAIN},
    # The tail, the links, the head.
    "DELETE FROM journal_batches WHERE seq = (SELECT max(seq) FROM journal_batches)": {CHAIN},
    "UPDATE journal_batches SET hash = previous_hash WHERE seq = {t1}": {CHAIN},
    "UPDATE book_heads SET last_seq = last_seq + 1": {CHAIN},
    "UPDATE book_heads SET closed_until_on = '2020-01-01'": {"marks_follow_from_closings"},
    # Accounts and holds.
    "UPDATE accounts SET currency = 'EUR' WHERE external_ref = 'test:B'": {CHAIN, ZERO, "currencies_agree"},
    "UPDATE accounts SET debits_within_credits = true WHERE external_ref = 'test:world-USD'": {CHAIN, "limits_hold"},
    "DELETE FROM open_holds": {"open_holds_follow_from_transfers"},
    "UPDATE open_holds SET expires_at = now()": {"open_holds_follow_from_transfers"},
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
def test_tampering_is_named(used_book, tampering, statement):
    with tampering.begin() as connection:
        t1 = connection.execute(sa.text("SELECT seq FROM transfers WHERE amount_minor = 6000")).scalar_one()
        tampered = connection.execute(sa.text(statement.format(t1=t1, b=used_book.account_id("B"))))
        assert tampered.rowcount == 1

    assert set(_wrong(used_book)) == TAMPERINGS[statement]


def test_the_changed_transfer_is_named_with_both_amounts(used_book, tampering):
    with tampering.begin() as connection:
        connection.execute(sa.text("UPDATE transfers SET amount_minor = 6001 WHERE amount_minor = 6000"))

    detail = _wrong(used_book)["entries_follow_from_transfers"]

    assert "transfer_says 6001" in detail
    assert "entry_says 6000" in detail
