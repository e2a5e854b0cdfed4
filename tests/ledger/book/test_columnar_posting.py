"""Posting by columns on a real PostgreSQL: beside writers that never do, with resends, faults, holds and texts."""

import random
import sys

import pytest

from ledger.book.bulks.bulk import Sender
from ledger.book.columnar.batch import OrderBatch, order_columns
from ledger.book.columnar.decline import Decline
from ledger.book.judging.orders import Terms, TransferOrder
from ledger.book.judging.results import Result
from ledger.book.posting import columnar_posting
from ledger.book.posting.writer import COLUMNS_FROM, BookWriter
from ledger.book.reading.search import TransferFilter, found_transfers
from ledger.book.records.transfers import Kind, TransferId
from ledger.flows.bulk import BulkPosting
from ledger.kernel.errors import NotStorable
from ledger.kernel.ids import derived_id, new_id
from ledger.kernel.work import Reader, read
from ledger.vault.vault import Vault
from tests.conftest import KEYRINGS
from tests.ledger.book.conftest import audited


@pytest.fixture
def decided(monkeypatch):
    """What columns came to with each batch that they were tried on: why they declined, or None."""
    found, post = [], columnar_posting.post_columns

    def noted(*arguments):
        posted = post(*arguments)
        found.append(posted if isinstance(posted, Decline) else None)
        return posted

    monkeypatch.setattr("ledger.book.posting.writer.post_columns", noted)
    return found


def _order(book, debit, credit, minor=1, **fields):
    order = TransferOrder(
        TransferId(new_id()), book.partner_id, book.account_id(debit), book.account_id(credit), minor, "USD", "test"
    )
    return order._replace(**fields)


def _assert_sound(book):
    with read(book.engine) as reader:
        assert [finding for finding in audited(reader, book.book_id) if not finding.ok] == []


def test_a_writer_with_columns_and_one_without_take_turns_on_one_sound_book(book, decided):
    book.check("\n".join(f"open {name} 1000.00 USD" for name in "ABCD"))
    decided.clear()
    writers, chance = (
        [BookWriter(book.engine, book.book_id, columns_from=number) for number in (1, sys.maxsize)],
        random.Random(7),
    )

    for turn in range(24):
        orders = [_order(book, *chance.sample("ABCD", 2), chance.randint(0, 40_000)) for _ in range(8)]
        held = [_order(book, "A", "B", 5, terms=Terms(Kind.HOLD))] if turn % 5 == 0 else []
        writers[chance.randrange(2)].post([*orders, *held])

    assert {None, Decline.NOT_PLAIN, Decline.LIMIT_PASSED} <= set(decided)
    _assert_sound(book)


def test_a_batch_that_comes_again_has_its_first_positions(book, decided):
    book.check("open A 0.00 USD unlimited\n open B 0.00 USD")
    writer, orders = BookWriter(book.engine, book.book_id), [_order(book, "A", "B") for _ in range(COLUMNS_FROM + 1)]
    writer.post(orders[:1])

    first = writer.post(orders[1:])
    again = writer.post(orders[1:])

    assert decided[-2:] == [None, Decline.ID_KNOWN]
    assert {outcome.result for outcome in first} == {Result.CREATED}
    assert {outcome.result for outcome in again} == {Result.EXISTS}
    assert [outcome.seq for outcome in first] == [outcome.seq for outcome in again]
    _assert_sound(book)


def test_a_fault_in_the_middle_leaves_nothing_and_the_writer_goes_on(book):
    book.check("open A 0.00 USD unlimited\n open B 0.00 USD")
    writer = BookWriter(book.engine, book.book_id, columns_from=1)
    writer.post([_order(book, "A", "B")])

    with pytest.raises(NotStorable):
        writer.post([_order(book, "A", "B", 7), _order(book, "A", "B", external_ref="\0")])
    (outcome,) = writer.post([_order(book, "A", "B", 2)])

    assert outcome.result is Result.CREATED
    (view,) = book.views("B")
    assert view.balance.minor == 3
    _assert_sound(book)


def test_tags_references_and_dates_of_columns_are_found_by_their_partner(book, decided):
    book.check("open A 0.00 USD unlimited\n open B 0.00 USD")
    writer = BookWriter(book.engine, book.book_id, columns_from=1)
    writer.post([_order(book, "A", "B")])

    orders = [_order(book, "A", "B", tags="rent may", external_ref="r-1"), _order(book, "A", "B", external_ref="Ž")]
    writer.post(orders)

    assert decided[-1] is None
    found = [TransferFilter(tag="may"), TransferFilter(external_ref="Ž")]
    with read(book.engine) as reader:
        partner = Reader(reader.connection, book.partner_id)
        ids = [
            [each.transfer.transfer_id for each in found_transfers(partner, book.book_id, one).views] for one in found
        ]
    assert ids == [[order.transfer_id] for order in orders]
    _assert_sound(book)


def test_a_hold_that_is_due_ends_before_orders_that_columns_could_post(book, decided):
    book.check("open A 1.00 USD\n open B 0.00 USD\n hold A -> B 1.00 h1 timeout=3 ok\n clock +9")
    tried = len(decided)

    writer = BookWriter(book.engine, book.book_id, clock=book.clock, columns_from=1)
    (outcome,) = writer.post([_order(book, "A", "B", 100)])

    assert (outcome.result, len(decided)) == (Result.CREATED, tried), "columns know nothing of deadlines"
    _assert_sound(book)


def test_a_bulk_is_posted_without_an_object_for_each_of_its_orders(book, decided):
    book.check("open A 0.00 USD unlimited\n open B 0.00 USD")
    writer, batches = BookWriter(book.engine, book.book_id), []
    writer.post([_order(book, "A", "B", actor="bulk")])

    def post(orders):
        batches.append(orders)
        return writer.post(orders)

    says = {result: str(result) for result in Result}
    sender = Sender(book.book_id, book.partner_id, "bulk")
    posting = BulkPosting(book.engine, post, sender, vault=Vault(book.engine, KEYRINGS), says=says)
    size = COLUMNS_FROM + 5
    told = posting.post(
        {
            "key": [f"k{number}" for number in range(size)],
            "debit_account": ["test:A"] * size,
            "credit_account": ["test:B"] * size,
            "amount_minor": list(range(size)),
            "currency": ["USD"] * size,
            "code": ["payment"] * size,
            "counterparty": ["Ann", None] * (size // 2) + ["Ann"] * (size % 2),
        }
    )

    assert (decided, set(told["result"])) == ([None], {Result.CREATED})
    (batch,) = batches
    assert isinstance(batch, OrderBatch)
    assert "_orders" not in vars(batch), "nobody asked for an order"
    assert batch[3].transfer_id == derived_id(book.book_id, book.partner_id, "transfer", "k3", 0)
    assert batch.columns.counterparties[0].startswith("s1.")
    _assert_sound(book)


def test_orders_of_a_batch_are_columns_once(book):
    orders = [_order(book, "A", "B", number, actor="system") for number in range(3)]

    columns = order_columns(orders)

    assert columns.currencies.value == "USD"
    assert list(OrderBatch(columns)) == orders
