"""Monitors on the real book: an event stands right behind the transfer that made its condition true, and only there."""

from datetime import UTC, datetime, timedelta

import pytest

from ledger.book.accounts.monitors import (
    MonitorOrder,
    begin_monitor,
    end_monitor,
    monitors_of,
)
from ledger.book.accounts.terms import TermsChange, change_terms
from ledger.book.judging.orders import AS_HELD, WHOLE_HOLD, Terms
from ledger.book.judging.results import Result
from ledger.book.posting.writer import BookWriter
from ledger.book.reading.monitors import monitor_events
from ledger.book.records.monitors import Comparison, Measure
from ledger.book.records.transfers import GroupId, Kind
from ledger.kernel.errors import IdempotencyConflict, InvalidInput, NotFound
from ledger.kernel.ids import new_id
from ledger.kernel.pages import Slice
from ledger.kernel.work import begin, read
from ledger.tenancy.partners import PartnerOrder, register_partners
from ledger.tenancy.records import Vertical
from tests.partner_readers import read_as


def _watch(shop, name: str, *condition: Measure | Comparison | int, ref: str = "m"):
    order = MonitorOrder(shop.account(name), ref, *condition)
    with begin(shop.engine, actor="test", partner_id=shop.partner_id) as work:
        return begin_monitor(work, shop.book_id, order)


def _events(shop, **chosen) -> list[tuple[int, int]]:
    """Behind which transfer, and what was measured; each event stands at the position after its transfer's."""
    with read_as(shop.engine, shop.partner_id) as reader:
        events = [view.event for view in monitor_events(reader, shop.book_id, **chosen)]
    assert all(event.seq > event.transfer_seq for event in events)
    return [(event.transfer_seq, event.measured_minor) for event in events]


def _post(shop, *orders) -> list[int]:
    outcomes = shop.writer.post(orders)
    assert {outcome.result for outcome in outcomes} == {Result.CREATED}
    return [outcome.seq for outcome in outcomes]


def test_below_is_seen_when_it_becomes_true_and_again_only_after_it_was_untrue(shop):
    shop.open("A 10.00 USD\n B 0.00 USD")
    _watch(shop, "A", Measure.AVAILABLE, Comparison.BELOW, 500)

    steps = [("A", "B", "5.00"), ("A", "B", "0.01"), ("A", "B", "1.00"), ("B", "A", "3.00"), ("A", "B", "4.00")]
    seqs = _post(shop, *(shop.order(*step) for step in steps))

    assert _events(shop) == [(seqs[1], 499), (seqs[4], 299)]
    assert seqs == [seqs[0], seqs[0] + 1, seqs[0] + 3, seqs[0] + 4, seqs[0] + 5]
    assert shop.faults() == []


def test_above_is_seen_on_the_credit_side_and_at_its_threshold_it_is_not_true_yet(shop):
    shop.open("A 10.00 USD\n B 0.00 USD")
    _watch(shop, "B", Measure.POSTED, Comparison.ABOVE, 300)

    seqs = _post(shop, shop.order("A", "B", "3.00"), shop.order("A", "B", "0.01"))

    assert _events(shop) == [(seqs[1], 301)]


def test_holds_count_as_pending_and_take_from_what_is_available_and_expiry_is_seen_too(shop):
    shop.open("A 10.00 USD\n B 0.00 USD")
    pending = _watch(shop, "A", Measure.PENDING, Comparison.ABOVE, 399, ref="pending")
    less = _watch(shop, "A", Measure.AVAILABLE, Comparison.BELOW, 601, ref="less")
    more = _watch(shop, "A", Measure.AVAILABLE, Comparison.ABOVE, 999, ref="more")
    held = shop.order("A", "B", "4.00", terms=Terms(kind=Kind.HOLD))
    timed = shop.order("A", "B", "4.00", terms=Terms(kind=Kind.HOLD, timeout_s=60))
    void = shop.order("A", "B", "0.00", terms=Terms(kind=Kind.VOID, hold_id=held.transfer_id))
    void = void._replace(
        debit_account_id=AS_HELD, credit_account_id=AS_HELD, amount_minor=WHOLE_HOLD, currency="", code=""
    )

    first, ended, second = _post(shop, held, void, timed)
    late = datetime.now(UTC) + timedelta(minutes=2)
    BookWriter(shop.engine, shop.book_id, clock=lambda: late).post([])

    assert _events(shop, monitor_id=pending) == [(first, 400), (second, 400)]
    assert _events(shop, monitor_id=less) == [(first, 600), (second, 600)]
    (after_void, after_expiry) = _events(shop, monitor_id=more)
    assert after_void == (ended, 1000)
    assert after_expiry[0] > second
    assert after_expiry[1] == 1000
    assert shop.faults() == []


def test_a_group_that_falls_leaves_no_event(shop):
    shop.open("A 10.00 USD\n B 0.00 USD\n C 0.00 USD")
    _watch(shop, "A", Measure.POSTED, Comparison.BELOW, 500)
    group = GroupId(new_id())

    outcomes = shop.writer.post(
        [
            shop.order("A", "B", "9.00", group_id=group),
            shop.order("C", "B", "9.00", group_id=group),
        ]
    )

    assert [outcome.result for outcome in outcomes] == [Result.LINKED_FAILED, Result.INSUFFICIENT_FUNDS]
    assert _events(shop) == []
    assert _post(shop, shop.order("A", "B", "9.00"))
    assert len(_events(shop)) == 1


def test_a_change_of_terms_is_no_transfer_and_the_next_transfer_is_compared_with_what_was_before(shop):
    shop.open("A 10.00 USD\n B 0.00 USD")
    _watch(shop, "A", Measure.AVAILABLE, Comparison.BELOW, 500)
    with begin(shop.engine, actor="test") as work:
        change = TermsChange(credit_line_minor=1000)
        change_terms(work, shop.book_id, shop.account("A"), change, reason="a good customer")

    seqs = _post(shop, shop.order("A", "B", "9.00"), shop.order("A", "B", "7.00"))

    assert _events(shop) == [(seqs[1], 400)]


def test_a_resend_is_the_same_monitor_and_other_content_is_a_conflict(shop):
    shop.open("A 10.00 USD")
    first = _watch(shop, "A", Measure.POSTED, Comparison.BELOW, 5)

    assert _watch(shop, "A", Measure.POSTED, Comparison.BELOW, 5) == first
    with pytest.raises(IdempotencyConflict, match="threshold_minor differ"):
        _watch(shop, "A", Measure.POSTED, Comparison.BELOW, 6)
    with read(shop.engine) as reader:
        assert len(monitors_of(reader, shop.book_id, shop.account("A"))) == 1


def test_an_ended_monitor_sees_nothing_more_and_a_resend_does_not_wake_it(shop):
    shop.open("A 10.00 USD\n B 0.00 USD")
    monitor = _watch(shop, "A", Measure.POSTED, Comparison.BELOW, 1000)
    _post(shop, shop.order("A", "B", "1.00"), shop.order("B", "A", "1.00"))

    with begin(shop.engine, actor="test", partner_id=shop.partner_id) as work:
        ended = end_monitor(work, shop.book_id, monitor)
        assert end_monitor(work, shop.book_id, monitor) == ended
    assert _watch(shop, "A", Measure.POSTED, Comparison.BELOW, 1000) == monitor
    _post(shop, shop.order("A", "B", "1.00"))

    assert len(_events(shop)) == 1
    with read(shop.engine) as reader:
        (known,) = monitors_of(reader, shop.book_id, shop.account("A"))
    assert (known.is_watching, known.seq, known.measure) == (False, ended, Measure.POSTED)


def test_events_are_paged_by_position(shop):
    shop.open("A 10.00 USD\n B 10.00 USD")
    _watch(shop, "A", Measure.POSTED, Comparison.BELOW, 1000)
    _post(shop, *(shop.order(*pair, "0.01") for _ in range(5) for pair in ("AB", "BA")))

    with read_as(shop.engine, shop.partner_id) as reader:
        whole = monitor_events(reader, shop.book_id)
        pages, after = [], 0
        while page := monitor_events(reader, shop.book_id, Slice(after=after, limit=2)):
            pages += page
            after = page[-1].event.seq

    assert len(whole) == 5
    assert pages == whole


def test_another_partner_sees_no_monitor_and_no_event(shop):
    shop.open("A 10.00 USD\n B 0.00 USD")
    monitor = _watch(shop, "A", Measure.POSTED, Comparison.BELOW, 1000)
    _post(shop, shop.order("A", "B", "1.00"))
    with begin(shop.engine, actor="test") as work:
        rival = register_partners(work, shop.book_id, [PartnerOrder("rival", "Rival", Vertical.RETAIL)])["rival"]

    with read_as(shop.engine, rival) as reader:
        assert monitor_events(reader, shop.book_id) == monitor_events(reader, shop.book_id, monitor_id=monitor) == []
        with pytest.raises(NotFound):
            monitors_of(reader, shop.book_id, shop.account("A"))
    order = MonitorOrder(shop.account("A"), "m", Measure.POSTED, Comparison.BELOW, 1000)
    with begin(shop.engine, actor="rival", partner_id=rival) as work:
        with pytest.raises(NotFound):
            end_monitor(work, shop.book_id, monitor)
        with pytest.raises(NotFound):
            begin_monitor(work, shop.book_id, order)


def test_no_more_than_so_many_monitors_watch_one_account(shop):
    shop.open("A 10.00 USD")
    for n in range(20):
        _watch(shop, "A", Measure.POSTED, Comparison.BELOW, n, ref=f"m{n}")

    with pytest.raises(InvalidInput, match="end one of them first"):
        _watch(shop, "A", Measure.POSTED, Comparison.BELOW, 1, ref="one too many")


def test_what_is_measured_beyond_the_store_never_keeps_a_transfer_from_being_done(shop):
    """The largest balance with a credit line is more than a sum can be."""
    shop.open("A 0.00 USD\nb 0.00 USD")
    with begin(shop.engine, actor="test") as work:
        change = TermsChange(credit_line_minor=9 * 10**16)
        change_terms(work, shop.book_id, shop.account("A"), change, reason="a good customer")
    _watch(shop, "A", Measure.AVAILABLE, Comparison.ABOVE, 10**17)

    (first,) = _post(shop, shop.order("b", "A", "92233720368547758.07"))
    _post(shop, shop.order("A", "b", "0.01"))

    assert _events(shop) == [(first, 2**63 - 1)]


@pytest.mark.parametrize("beyond", [10**17 + 1, -(10**17) - 1, 2**63 - 1])
def test_credit_lines_and_thresholds_stay_far_below_a_sum(shop, beyond):
    shop.open("A 0.00 USD")

    with pytest.raises(InvalidInput, match="out of bounds"):
        _watch(shop, "A", Measure.POSTED, Comparison.ABOVE, beyond)
    change = TermsChange(credit_line_minor=abs(beyond))
    with pytest.raises(InvalidInput, match="out of bounds"), begin(shop.engine, actor="test") as work:
        change_terms(work, shop.book_id, shop.account("A"), change, reason="more")
