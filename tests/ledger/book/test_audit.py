"""The audit passes on what the book wrote, and names each kind of tampering (cases 30, 31)."""

import pytest
import sqlalchemy as sa

from ledger.book.audits.audit import audit
from ledger.journal import journal
from ledger.kernel.engines import create_engine
from ledger.kernel.work import read

SUMS, CHAIN, ZERO = "sums_follow_from_transfers", "hash_chain", "trial_balance_is_zero"
HOLDS, ENDS, DEADLINES = "open_holds_follow_from_transfers", "holds_end_once_and_rightly", "deadlines_were_kept"
HEAD = "head_follows_from_journal"

TAMPERINGS = {
    # A changed amount, and edited balances: each is in a leaf that the chain proves, and contradicts its neighbours.
    "UPDATE transfers SET amount_minor = amount_minor + 1 WHERE seq = {t1}": {CHAIN, SUMS},
    "UPDATE transfers SET debit_account_debits_minor = debit_account_debits_minor + 1 WHERE seq = {t4}": {
        CHAIN,
        SUMS,
        ZERO,
    },
    # A missing entry is a missing transfer, and a surplus one a surplus transfer: both sides are one row.
    "DELETE FROM transfers WHERE seq = {t4}": {CHAIN},
    "DELETE FROM transfers WHERE seq = {t1}": {CHAIN, SUMS},
    "DELETE FROM transfers WHERE seq = {p2}": {CHAIN, SUMS, HOLDS},
    "DELETE FROM transfers WHERE seq = {h2}": {CHAIN, SUMS, ENDS},
    "INSERT INTO transfers SELECT (jsonb_populate_record(t, jsonb_build_object('seq', {head} + 1, "
    "'transfer_id', gen_random_uuid()))).* FROM transfers t WHERE seq = {t1}": {CHAIN, SUMS},
    # Two rows swapped: each stands where the other stood.
    "UPDATE transfers SET seq = -seq WHERE seq IN ({t3}, {t4}); "
    "UPDATE transfers SET seq = {t3} + {t4} + seq WHERE seq < 0": {CHAIN, SUMS},
    # A hold whose end, deadline or accounts are other than they were.
    "UPDATE transfers SET expires_at = recorded_at WHERE seq = {h1}": {CHAIN, HOLDS, DEADLINES},
    # Outcomes of idempotency.
    "UPDATE refused_transfers SET transfer_id = (SELECT transfer_id FROM transfers WHERE seq = {t1})": {
        CHAIN,
        "outcomes_are_final",
    },
    # The tail, the links, the head.
    "DELETE FROM journal_batches WHERE seq = {head}": {CHAIN, HEAD},
    "DELETE FROM journal_batches WHERE seq = {t1}": {CHAIN},
    # Accounts, and the projection of the open holds.
    "UPDATE accounts SET currency = 'EUR' WHERE external_ref = 'test:B'": {CHAIN, ZERO, "currencies_agree"},
    "INSERT INTO open_holds SELECT book_id, {h2}, partner_no, expires_at, debit_account_no, credit_account_no "
    "FROM open_holds": {HOLDS},
}

NAMED = {
    "DELETE FROM transfers WHERE seq = {t3}": "batch {t3} to {t4}: {t3} missing",
    "UPDATE transfers SET seq = {head} + 1 WHERE seq = {t4}": "batch {t3} to {t4}: {t4} missing",
    "UPDATE transfers SET code = 'bribe' WHERE seq = {t4}": "batch {t3} to {t4} (2 of transfers): a fact was changed",
    "UPDATE refused_transfers SET result = 'period_closed'": "(1 of refused_transfers): a fact was changed",
    "DELETE FROM journal_batches WHERE seq = {t4}": "no batch covers positions {t3} to {t4}",
    "DELETE FROM journal_batches WHERE seq = {head}": "after the last batch: {head} surplus",
    "UPDATE accounts SET seq = {t4} WHERE external_ref = 'test:B'": "{t4} surplus",
}
"""What the chain's check says of a tampering."""


def _wrong(book) -> dict[str, str]:
    with read(book.engine) as reader:
        return {finding.check: finding.detail for finding in audit(reader, book.book_id) if not finding.ok}


def _positions(book) -> dict[str, int]:
    with book.engine.connect() as connection:
        by_id = dict(connection.execute(sa.text("SELECT transfer_id, seq FROM transfers")).all())
        head = journal.head(connection, book.book_id).last_seq
    return {
        name: by_id[order.transfer_id] for name, order in book.orders.asked.items() if order.transfer_id in by_id
    } | {"head": head}


def _tamper(book, *statements: str) -> None:
    """As one who owns the server: no role, no trigger and no key stands in the way."""
    owner = create_engine(book.engine.url.render_as_string(hide_password=False), role=None)
    with owner.begin() as connection:
        connection.execute(sa.text("SET LOCAL session_replication_role = replica"))
        for statement in statements:
            assert connection.execute(sa.text(statement)).rowcount > 0
    owner.dispose()


@pytest.fixture
def used_book(book):
    book.check("""
        open   A 100.00 USD
        open   B 0.00 USD
        move   A -> B 60.00  t1                ok
        batch
        move   A -> B 60.00  t2                insufficient_funds
        batch
        hold   A -> B 7.00   h1 timeout=3600   ok
        batch
        hold   A -> B 8.00   h2                ok
        batch
        post   h2 2.00       p2                ok
        batch
        linked A -> B 10.00  t3                ok
        linked A -> B 5.00   t4                ok
        batch
        open   C 0.00 USD
    """)
    return book


def test_an_untouched_book_passes_every_check(used_book):
    assert _wrong(used_book) == {}


@pytest.mark.parametrize("statement", TAMPERINGS)
def test_tampering_is_named(used_book, statement):
    _tamper(used_book, *statement.format(**_positions(used_book)).split("; "))

    assert set(_wrong(used_book)) == TAMPERINGS[statement]


@pytest.mark.parametrize("statement", NAMED)
def test_the_chain_names_the_positions(used_book, statement):
    positions = _positions(used_book)

    _tamper(used_book, statement.format(**positions))

    assert NAMED[statement].format(**positions) in _wrong(used_book)["hash_chain"]


def test_the_changed_transfer_is_named_with_both_sums(used_book):
    _tamper(used_book, "UPDATE transfers SET amount_minor = 6001 WHERE amount_minor = 6000")

    detail = _wrong(used_book)["sums_follow_from_transfers"]

    assert "account test:A, side debit, amount 6001, stored_debits 6000, summed_debits 6001" in detail
    assert "account test:B, side credit, amount 6001" in detail


def test_a_head_cut_together_with_its_tail_is_found_by_an_anchor_alone(used_book):
    """Case 30: what was cut off whole leaves a book that is sound in itself; only who noted the head can tell."""
    with used_book.engine.connect() as connection:
        anchor = journal.head(connection, used_book.book_id)
    newest = "SELECT seq, hash, recorded_at FROM journal_batches ORDER BY seq DESC LIMIT 1"

    _tamper(
        used_book,
        f"DELETE FROM accounts WHERE seq = {anchor.last_seq}",
        f"DELETE FROM journal_batches WHERE seq = {anchor.last_seq}",
        f"UPDATE book_heads SET (last_seq, last_hash, last_recorded_at) = ({newest})",
    )

    assert _wrong(used_book) == {}
    with used_book.engine.connect() as connection:
        assert journal.head(connection, used_book.book_id).last_seq < anchor.last_seq
