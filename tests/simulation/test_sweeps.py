"""Sweeps: where more holds are due than one batch ends, batches of nothing but expiries go before the orders."""

from contextlib import closing
from datetime import timedelta
from uuid import UUID

from ledger.book.audits.audit import audit
from ledger.book.judging.orders import Terms, TransferOrder
from ledger.book.posting import writer
from ledger.book.records.transfers import Kind
from ledger.kernel.work import read
from tests.laws.naive_book import Account
from tests.simulation.cast import SHOP, START, account_id
from tests.simulation.real_book import RealBook

_ENDS = "SELECT recorded_at, count(*), min(seq) FROM transfers WHERE kind = 'expiry' GROUP BY 1 ORDER BY 1"


def test_more_holds_than_a_batch_ends_are_ended_in_several_before_the_orders(database_url, monkeypatch):
    monkeypatch.setattr(writer, "EXPIRIES_MAX", 3)
    with closing(RealBook(database_url)) as book:
        book.add_partner(SHOP, START)
        for name in "AB":
            book.open_account(account_id(name), Account(SHOP, "USD"), START)
        book.post(0, [_order(n, kind=Kind.HOLD, timeout_s=8 - n) for n in range(1, 8)], START)

        results = book.post(1, [_order(8), _order(9)], START + timedelta(seconds=9))

        assert results == ["created", "created"]
        late = START + timedelta(seconds=9)
        # Up to 12: the book, partner, accounts, actor, holds. The order follows in the batch of the last expiry.
        sweeps = [(late + timedelta(microseconds=at), count, 13 + 3 * at) for at, count in enumerate((3, 3, 1))]
        assert book.crashes.store.execute(_ENDS).fetchall() == sweeps
        assert [said.seq for _, said in book.answers[-2:]] == [20, 21]
        with read(book.engine) as reader:
            assert all(found.ok for found in audit(reader, book.book_id))


def _order(number: int, **terms) -> TransferOrder:
    sides = account_id("A"), account_id("B")
    return TransferOrder(UUID(int=20_000 + number), SHOP, *sides, 1, "USD", "test", terms=Terms(**terms))
