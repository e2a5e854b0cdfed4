"""What columns decide is what the readable judge decides, to the byte; what they decline, they decline for a reason."""

from datetime import date, timedelta
from uuid import UUID

import numpy as np
from hypothesis import assume, event, given
from hypothesis import strategies as st

from ledger.book.columnar.accounts import AccountColumns
from ledger.book.columnar.batch import OrderBatch, order_columns
from ledger.book.columnar.decline import Decline
from ledger.book.judging.orders import PLAIN, Terms, TransferOrder
from ledger.book.judging.state import AccountState, ActiveMonitor
from ledger.book.judging.sums import Sums
from ledger.book.records.accounts import AccountNo, Frozen
from ledger.book.records.monitors import Comparison, Measure, MonitorId
from ledger.book.records.transfers import GroupId, Kind, TransferId
from ledger.kernel.calendar import Calendar, day_rule
from ledger.kernel.money import MINOR_MAX
from ledger.tenancy.records import PartnerNo
from tests.laws.columnar_agreement import (
    ACCOUNTS,
    ACTORS,
    DAYS,
    NO_MARKS,
    NOBODY,
    NOW,
    OF_ACCOUNTS,
    OF_ORDERS,
    OF_THE_BATCH,
    RIVAL,
    SHOP,
    STRANGER,
    Marks,
    agree,
    is_closed,
    is_true,
)
from tests.laws.test_judge_laws import built

CALENDARS = st.sampled_from([Calendar(), Calendar([day_rule("Europe/Prague", "17:00")])])
IMPORTED = Terms(is_imported=True)
PLAIN_TERMS = st.sampled_from([PLAIN, PLAIN, PLAIN, IMPORTED])

watches = built(
    ActiveMonitor,
    st.just(MonitorId(UUID(int=7))),
    st.sampled_from(Measure),
    st.sampled_from(Comparison),
    st.integers(-5, 40),
)
sums = st.tuples(*[st.sampled_from([0, 5, 10**6])] * 2, *[st.sampled_from([0, 0, 0, 3])] * 2)
tame = st.tuples(st.just(SHOP), st.just("USD"), st.just((False, False)), st.just(0), st.just(Frozen.NONE), sums)
limited = st.tuples(
    st.just(SHOP),
    st.just("USD"),
    st.sampled_from([(False, False), (True, False), (False, True)]),
    st.sampled_from([0, 4]),
    st.just(Frozen.NONE),
    st.tuples(st.sampled_from([0, 20]), st.sampled_from([0, 20, 60]), *[st.sampled_from([0, 0, 3])] * 2),
)
wild = st.tuples(
    st.sampled_from([SHOP] * 6 + [RIVAL]),
    st.sampled_from(["USD"] * 8 + ["EUR"]),
    st.sampled_from([(False, False), (True, False), (False, True)]),
    st.sampled_from([0, 0, 4]),
    st.sampled_from([Frozen.NONE] * 12 + [Frozen.DEBITS, Frozen.CREDITS]),
    st.one_of(sums, st.just((0, MINOR_MAX - 9, 0, 0))),
)


def _orders(**fields):
    """Orders that differ as those of real imports do; `fields` say what else they may be."""
    given_ = {
        "transfer_id": st.just(TransferId(UUID(int=0))),
        "partner_id": st.just(SHOP),
        "debit_account_id": st.sampled_from(ACCOUNTS),
        "credit_account_id": st.sampled_from(ACCOUNTS),
        "amount_minor": st.sampled_from([0, 1, 2, 3, 5, 8, 10**6]),
        "currency": st.just("USD"),
        "code": st.sampled_from(["payment", "payment", "fee"]),
        "effective_at": st.sampled_from([None, None, *DAYS[:3]]),
        "external_ref": st.sampled_from([None, "r", "Ž-2", "\xff"]),
        "counterparty": st.sampled_from([None, None, "s1.sealed"]),
        "tags": st.sampled_from([None, None, "a", "a b"]),
        "actor": st.sampled_from(sorted(ACTORS)),
        "effective_on": st.sampled_from([None, None, date(2026, 4, 20)]),
    }
    one = built(TransferOrder, **{**given_, **fields})
    return st.lists(one, min_size=1, max_size=25).map(
        lambda orders: [
            order._replace(transfer_id=TransferId(UUID(int=number << 64 | 2**127)))
            if order.transfer_id.int == 0
            else order
            for number, order in enumerate(orders, 1)
        ]
    )


def test_every_reason_to_decline_is_held_to_be_true_by_somebody():
    of_sums = {Decline.SUM_COULD_OVERFLOW, Decline.MONITOR_FIRES, Decline.LIMIT_PASSED}

    assert {*OF_ORDERS, *OF_THE_BATCH, *OF_ACCOUNTS, *of_sums} == set(Decline)


differing = st.lists(tame, min_size=6, max_size=6)
frozen = st.lists(
    st.tuples(st.just(SHOP), st.just("USD"), st.just((False, False)), st.just(0), st.sampled_from(Frozen), sums),
    min_size=6,
    max_size=6,
)
accounts_of_any_kind = st.lists(wild, min_size=6, max_size=6)


@given(differing, _orders(across_partners=st.sampled_from([False, True])), CALENDARS)
def test_transfers_that_nothing_stands_against_are_posted_by_columns_to_the_byte(rows, orders, calendar):
    orders = [order for order in orders if order.debit_account_id != order.credit_account_id]
    assume(orders)

    assert agree(rows, orders, calendar) is None


@given(
    differing, _orders(terms=st.just(IMPORTED), effective_at=st.sampled_from(DAYS), effective_on=st.none()), CALENDARS
)
def test_strict_history_is_posted_by_columns_where_it_never_goes_back(rows, orders, calendar):
    orders = [
        order._replace(across_partners=True)
        for order in sorted(orders, key=lambda order: order.effective_at)
        if order.debit_account_id != order.credit_account_id
    ]
    assume(orders)

    assert agree(rows, orders, calendar, (), Marks(imported_until_at=DAYS[-1])) is None


@given(
    st.lists(limited, min_size=6, max_size=6),
    _orders(amount_minor=st.sampled_from([0, 1, 2, 3, 5])),
    CALENDARS,
    st.lists(watches, max_size=2),
)
def test_limits_and_monitors_are_judged_as_the_readable_judge_does(rows, orders, calendar, watched):
    orders = [order for order in orders if order.debit_account_id != order.credit_account_id]
    assume(orders)

    reason = agree(rows, orders, calendar, watched)

    event(str(reason))
    assert reason is None or is_true(reason, (rows, orders, calendar, watched), Marks())


@given(differing, _orders(debit_account_id=st.just(ACCOUNTS[0])), CALENDARS, st.lists(watches, min_size=1, max_size=2))
def test_a_monitor_that_becomes_true_is_seen_by_columns(rows, orders, calendar, watched):
    orders = [order for order in orders if order.debit_account_id != order.credit_account_id]
    assume(orders)

    reason = agree(rows, orders, calendar, watched)

    event(str(reason))
    assert reason is None or is_true(reason, (rows, orders, calendar, watched), NO_MARKS)


@given(frozen, _orders(), CALENDARS)
def test_a_frozen_account_is_seen_by_columns(rows, orders, calendar):
    reason = agree(rows, orders[:2], calendar)

    event(str(reason))
    assert reason is None or is_true(reason, (rows, orders[:2], calendar, ()), NO_MARKS)


@given(differing, _orders(), CALENDARS, st.sampled_from([date(2026, 3, 22), date(2026, 4, 20), date(2026, 4, 30)]))
def test_a_closed_period_is_seen_by_columns_up_to_its_last_day(rows, orders, calendar, closed):
    orders = [order for order in orders if order.debit_account_id != order.credit_account_id][:2]
    assume(orders)

    reason = agree(rows, orders, calendar, (), Marks(closed))

    assert (reason is Decline.PERIOD_CLOSED) == is_closed(orders, Marks(closed), calendar)


ANYTHING = {
    "transfer_id": st.sampled_from([TransferId(UUID(int=0))] * 40 + [TransferId(UUID(int=n)) for n in (5, 2**128 - 1)]),
    "partner_id": st.sampled_from([SHOP] * 40 + [RIVAL, STRANGER]),
    "debit_account_id": st.sampled_from(ACCOUNTS * 8 + [NOBODY]),
    "amount_minor": st.sampled_from([1, 2, 3, 5, 8] * 8 + [-1, 2**63, MINOR_MAX, 2**60]),
    "currency": st.sampled_from(["USD"] * 40 + ["EUR"]),
    "effective_at": st.sampled_from([None, *DAYS[:3]] * 10 + [DAYS[3], NOW + timedelta(days=1)]),
    "group_id": st.sampled_from([None] * 60 + [GroupId(UUID(int=50))]),
    "across_partners": st.sampled_from([False, True]),
    "actor": st.sampled_from(sorted(ACTORS) * 20 + ["new"]),
    "terms": st.sampled_from([PLAIN] * 60 + [IMPORTED, Terms(Kind.HOLD), Terms(is_forced=True), Terms(group_size=2)]),
}


@given(
    st.one_of(differing, frozen, st.lists(limited, min_size=6, max_size=6), accounts_of_any_kind),
    st.one_of(*[_orders(**{name: values}) for name, values in ANYTHING.items()], _orders(**ANYTHING)),
    CALENDARS,
    st.sampled_from([None, None, date(2026, 3, 22), date(2026, 4, 20), date(2026, 4, 30)]),
    st.sampled_from([frozenset(), frozenset({TransferId(UUID(int=5))})]),
)
def test_whatever_is_declined_is_declined_for_a_reason_that_is_true(rows, orders, calendar, closed, known):
    marks = Marks(closed, None, known)

    reason = agree(rows, orders, calendar, (), marks)

    event(str(reason))
    assert reason is None or is_true(reason, (rows, orders, calendar, ()), marks)


@given(differing, st.integers(1, 6), st.sampled_from([2**61, MINOR_MAX]))
def test_no_sum_wraps_around_whatever_the_amounts_are(rows, count, amount):
    order = TransferOrder(TransferId(UUID(int=1)), SHOP, *ACCOUNTS[:2], amount, "USD", "payment")
    orders = [order._replace(transfer_id=TransferId(UUID(int=number))) for number in range(1, count + 1)]

    assert agree(rows, orders, Calendar()) in (None, Decline.SUM_COULD_OVERFLOW)


@given(_orders(**ANYTHING))
def test_orders_are_the_same_whether_they_were_objects_or_columns(orders):
    batch = OrderBatch(order_columns(orders))

    assert (list(batch), len(batch), batch[-1]) == (orders, len(orders), orders[-1])
    assert order_columns(batch) is batch.columns


@given(st.lists(st.tuples(st.sampled_from(ACCOUNTS), st.booleans()), max_size=30))
def test_accounts_keep_what_stands_on_them_whatever_is_learned_and_forgotten(steps):
    columns, model = AccountColumns(), {}
    for number, (account_id, is_learned) in enumerate(steps):
        columns.drop(account_id.int)
        model.pop(account_id.int, None)
        if is_learned:
            state = AccountState(account_id, AccountNo(account_id.int), SHOP, PartnerNo(1), "USD", sums=Sums(number))
            columns.add([state])
            model[account_id.int] = Sums(number)

    lent = columns.lend([account_id.int for account_id in ACCOUNTS])

    assert {key: state.sums for key, state in lent.items()} == model
    assert len(columns) == len(model)
    assert np.unique(list(columns.places.values())).size == len(model)
