"""Reversing: once, whole, mirrored; refused where the money is spent, unless the operator forces it."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from ledger.book.judging.orders import AS_HELD, WHOLE_HOLD, Terms
from ledger.book.judging.results import Result
from ledger.book.posting.writer import BookWriter
from ledger.book.reading.transfers import transfers
from ledger.book.records.transfers import GroupId, Kind, TransferId
from ledger.flows.reversals import ReversalOrder, reverse_transfer
from ledger.kernel.errors import InvalidInput, NotFound
from ledger.kernel.ids import new_id
from ledger.kernel.work import begin, read
from ledger.tenancy.partners import PartnerOrder, register_partners
from ledger.tenancy.records import Vertical
from tests.partner_readers import read_as


def _reverse(shop, transfer_id: TransferId, *, by_operator: bool = False, writer: BookWriter | None = None, **how):
    with read_as(shop.engine, None if by_operator else shop.partner_id) as reader:
        order = ReversalOrder(transfer_id, "anna", **how)
        return reverse_transfer(reader, (writer or shop.writer).post, shop.book_id, order)


def _result(posted) -> Result:
    ((outcome),) = posted.outcomes
    return outcome.result


def _paid(shop, debit: str = "A", credit: str = "B", amount: str = "60.00") -> TransferId:
    order = shop.order(debit, credit, amount)
    assert shop.writer.post([order])[0].result is Result.CREATED
    return order.transfer_id


def _view(shop, transfer_id):
    with read(shop.engine) as reader:
        return transfers(reader, shop.book_id, [transfer_id])[transfer_id]


def test_a_reversal_takes_the_whole_back_and_names_what_it_reverses(shop):
    shop.open("A 100.00 USD\n B 0.00 USD")
    paid = _paid(shop)

    posted = _reverse(shop, paid)

    assert _result(posted) is Result.CREATED
    assert shop.has("A B") == "A 100.00 B 0.00"
    view = _view(shop, posted.orders[0].transfer_id)
    assert (view.related.reverses_id, view.transfer.is_forced, view.transfer.code) == (paid, None, "reversal")
    assert shop.faults() == []


def test_a_second_reversal_is_a_resend_or_already_reversed_and_moves_nothing(shop):
    shop.open("A 100.00 USD\n B 100.00 USD")
    paid = _paid(shop)

    results = [_result(_reverse(shop, paid, attempt=attempt)) for attempt in (1, 1, 2)]

    assert results == [Result.CREATED, Result.EXISTS, Result.ALREADY_REVERSED]
    assert shop.has("A B") == "A 100.00 B 100.00"


def test_two_reversals_at_once_give_one_success(shop):
    shop.open("A 100.00 USD\n B 500.00 USD")
    for attempts in ((1, 1), (1, 2)):
        paid = _paid(shop, amount="1.00")
        with ThreadPoolExecutor(2) as threads:
            made = threads.map(
                lambda attempt, paid=paid: _reverse(
                    shop, paid, attempt=attempt, writer=BookWriter(shop.engine, shop.book_id)
                ),
                attempts,
            )
            results = sorted(_result(each) for each in made)

        assert results[0] is (Result.CREATED if attempts == (1, 1) else Result.ALREADY_REVERSED)
        assert results.count(Result.CREATED) == 1
    assert shop.has("A") == "A 100.00"
    assert shop.faults() == []


def test_spent_money_is_not_taken_back_unless_forced_and_that_leaves_a_mark(shop):
    shop.open("A 100.00 USD\n B 0.00 USD\n C 0.00 USD")
    paid = _paid(shop)
    _paid(shop, "B", "C", "50.00")

    refused = _reverse(shop, paid)
    forced = _reverse(shop, paid, by_operator=True, is_forced=True)

    assert (_result(refused), _result(forced)) == (Result.INSUFFICIENT_FUNDS, Result.CREATED)
    assert shop.has("A B C") == "A 100.00 B -50.00 C 50.00"
    assert _view(shop, forced.orders[0].transfer_id).transfer.is_forced is True
    assert shop.faults() == []
    with pytest.raises(InvalidInput, match="only the operator"):
        _reverse(shop, paid, is_forced=True)


def test_a_refused_reversal_succeeds_in_a_later_attempt_when_the_money_is_there(shop):
    shop.open("A 100.00 USD\n B 0.00 USD")
    paid = _paid(shop)
    _paid(shop, "B", "A", "1.00")
    first = _result(_reverse(shop, paid))
    _paid(shop, "A", "B", "1.00")

    again, later = _result(_reverse(shop, paid)), _result(_reverse(shop, paid, attempt=2))

    assert (first, again, later) == (Result.INSUFFICIENT_FUNDS, Result.ID_ALREADY_FAILED, Result.CREATED)


def test_a_reversal_is_reversed_once_as_well(shop):
    shop.open("A 100.00 USD\n B 0.00 USD")
    taken_back = _reverse(shop, _paid(shop)).orders[0].transfer_id

    results = [_result(_reverse(shop, taken_back, attempt=attempt)) for attempt in (1, 2)]

    assert results == [Result.CREATED, Result.ALREADY_REVERSED]
    assert shop.has("A B") == "A 40.00 B 60.00"


def test_a_post_is_reversed_and_a_hold_or_a_void_is_not(shop):
    shop.open("A 100.00 USD\n B 0.00 USD")
    holds = [shop.order("A", "B", "60.00", terms=Terms(kind=Kind.HOLD)) for _ in range(1)]
    holds.append(shop.order("A", "B", "40.00", terms=Terms(kind=Kind.HOLD)))
    ends = [
        shop.order("A", "B", "0.00", terms=Terms(kind=kind, hold_id=hold.transfer_id))._replace(
            debit_account_id=AS_HELD, credit_account_id=AS_HELD, amount_minor=amount, currency="", code=""
        )
        for hold, kind, amount in zip(holds, (Kind.POST, Kind.VOID), (2500, WHOLE_HOLD), strict=True)
    ]
    assert {outcome.result for outcome in shop.writer.post([*holds, *ends])} == {Result.CREATED}

    assert _result(_reverse(shop, ends[0].transfer_id)) is Result.CREATED

    assert shop.has("A B") == "A 100.00 B 0.00"
    with pytest.raises(InvalidInput, match="void the hold instead"):
        _reverse(shop, holds[1].transfer_id)
    with pytest.raises(InvalidInput, match="nothing to reverse"):
        _reverse(shop, ends[1].transfer_id)


def test_a_reversal_that_falls_with_its_group_leaves_the_transfer_reversible(shop):
    shop.open("A 100.00 USD\n B 0.00 USD\n C 0.00 USD")
    paid, group = _paid(shop), GroupId(new_id())
    mirrored = shop.order("B", "A", "60.00", group_id=group, terms=Terms(reverses=paid))
    poor = shop.order("C", "A", "1.00", group_id=group)
    twice = [shop.order("B", "A", "60.00", terms=Terms(reverses=paid)) for _ in range(2)]

    fallen = [outcome.result for outcome in shop.writer.post([mirrored, poor])]
    in_one_batch = [outcome.result for outcome in shop.writer.post(twice)]

    assert fallen == [Result.LINKED_FAILED, Result.INSUFFICIENT_FUNDS]
    assert in_one_batch == [Result.CREATED, Result.ALREADY_REVERSED]


def test_another_partner_cannot_reverse_what_it_cannot_see(shop):
    shop.open("A 100.00 USD\n B 0.00 USD")
    paid = _paid(shop)
    with begin(shop.engine, actor="test") as work:
        rival = register_partners(work, shop.book_id, [PartnerOrder("rival", "Rival", Vertical.RETAIL)])["rival"]

    with read_as(shop.engine, rival) as reader, pytest.raises(NotFound):
        reverse_transfer(reader, shop.writer.post, shop.book_id, ReversalOrder(paid, "rival"))
