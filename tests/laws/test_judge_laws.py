"""What no batch may ever do, whatever is ordered: the laws of the judge."""

from copy import deepcopy
from datetime import UTC, datetime, timedelta
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from ledger.book.judging.judge import Verdict, judge
from ledger.book.judging.orders import AS_HELD, PLAIN, WHOLE_HOLD, Condition, Terms, TransferOrder
from ledger.book.judging.results import CONFLICTS, LASTING, Result
from ledger.book.judging.state import AccountState, BookState
from ledger.book.judging.sums import Sums
from ledger.book.records.accounts import AccountId, AccountNo, Frozen, Side
from ledger.book.records.monitors import Measure
from ledger.book.records.transfers import Balancing, GroupId, Kind, TransferId
from ledger.kernel.ids import PartnerId
from ledger.tenancy.records import PartnerNo

NOW = datetime(2026, 5, 1, tzinfo=UTC)
LATER = NOW + timedelta(seconds=2)
SHOP, RIVAL = PartnerId(UUID(int=1)), PartnerId(UUID(int=2))
ACCOUNTS = [AccountId(UUID(int=100 + n)) for n in range(5)]
IDS = st.integers(1, 16).map(lambda n: TransferId(UUID(int=n)))


def built(maker, *values, **named):
    """Hypothesis would make up every field of a named tuple that is not given: these keep their defaults."""

    def made(*values, **named):
        return maker(*values, **named)

    return st.builds(made, *values, **named)


accounts = st.tuples(
    st.sampled_from([SHOP] * 6 + [RIVAL]),
    st.sampled_from(["USD"] * 8 + ["EUR"]),
    st.sampled_from([(False, False), (True, False), (True, False), (False, True)]),
    st.sampled_from([0, 0, 4]),
    st.sampled_from([Frozen.NONE] * 8 + [Frozen.DEBITS, Frozen.ALL]),
    st.tuples(st.integers(0, 5), st.integers(5, 30)),
)
conditions = built(Condition, st.sampled_from(Side), st.sampled_from(Measure), st.integers(-5, 10))
moving = built(
    Terms,
    kind=st.sampled_from([Kind.TRANSFER, Kind.HOLD, Kind.HOLD]),
    timeout_s=st.sampled_from([0, 0, 1]),
    balancing=st.sampled_from([None, None, *Balancing]),
    closes=st.sampled_from([None] * 6 + [*Side]),
    conditions=st.one_of(st.just(()), st.just(()), conditions.map(lambda one: (one,))),
    group_size=st.sampled_from([0, 0, 0, 2]),
    is_forced=st.sampled_from([False, False, True]),
)
transfers = built(
    TransferOrder,
    IDS,
    st.just(SHOP),
    st.sampled_from([*ACCOUNTS, AccountId(UUID(int=999))]),
    st.sampled_from(ACCOUNTS),
    st.sampled_from([-1, 0, 1, 2, 3, 5, 8, 13, 2**63 - 1, 2**63]),
    st.sampled_from(["USD"] * 8 + ["EUR"]),
    st.sampled_from(["payment", "payment", "fee"]),
    group_id=st.sampled_from([None, None, None, GroupId(UUID(int=50)), GroupId(UUID(int=51))]),
    across_partners=st.sampled_from([False] * 5 + [True]),
    terms=st.one_of(st.just(PLAIN), moving),
)
ends = built(
    TransferOrder,
    IDS,
    st.just(SHOP),
    st.just(AS_HELD),
    st.just(AS_HELD),
    st.sampled_from([WHOLE_HOLD, WHOLE_HOLD, 0, 1, 3]),
    st.just(""),
    st.just(""),
    group_id=st.sampled_from([None, None, GroupId(UUID(int=50))]),
    terms=built(Terms, kind=st.sampled_from([Kind.POST, Kind.VOID, Kind.EXPIRY]), hold_id=IDS),
)
batches = st.lists(st.one_of(transfers, transfers, ends), max_size=30)


def _state(rows: list[tuple]) -> BookState:
    return BookState(
        {
            account_id.int: AccountState(
                account_id,
                AccountNo(number),
                partner_id,
                PartnerNo(partner_id.int),
                currency,
                debits_within_credits=limits[0],
                credits_within_debits=limits[1],
                credit_line_minor=line,
                frozen=frozen,
                sums=Sums(*sums),
            )
            for number, (account_id, (partner_id, currency, limits, line, frozen, sums)) in enumerate(
                zip(ACCOUNTS, rows, strict=True), 1
            )
        },
        partners={SHOP: PartnerNo(1), RIVAL: PartnerNo(2)},
    )


states = st.lists(accounts, min_size=5, max_size=5).map(_state)


def group_from(batch: list[TransferOrder], at: int) -> list[TransferOrder]:
    """The group that begins at a place: alike in group id, and no transfer twice."""
    size = 1
    while batch[at].group_id and batch[at + size : at + size + 1] and batch[at + size].group_id == batch[at].group_id:
        if batch[at + size].transfer_id in [order.transfer_id for order in batch[at : at + size]]:
            break
        size += 1
    return batch[at : at + size]


def _totals(state: BookState) -> Sums:
    return Sums(*(sum(values) for values in zip(*_sums(state).values(), strict=True)))


def _sums(state: BookState) -> dict[int, Sums]:
    return {key: account.sums for key, account in state.accounts.items()}


def _closings(state: BookState) -> dict[int, int]:
    return {key: account.closings for key, account in state.accounts.items()}


def _created(verdicts: list[Verdict]) -> list[Verdict]:
    return [verdict for verdict in verdicts if verdict.result is Result.CREATED]


def _posted(verdict: Verdict) -> int:
    assert verdict.effect is not None
    return verdict.effect.amount_minor if verdict.order.terms.kind in (Kind.TRANSFER, Kind.POST) else 0


@given(states, batches)
def test_debits_and_credits_grow_by_what_was_posted(state, batch):
    debits, credits_, *_ = _totals(state)

    posted = sum(_posted(verdict) for verdict in _created(judge(state, batch, now=NOW)))

    assert _totals(state)[:2] == (debits + posted, credits_ + posted)


@given(states, batches)
def test_pending_sums_are_those_of_the_open_holds(state, batch):
    """Cases 31 and 32: what is reserved is what nothing has ended, on either side."""
    judge(state, batch, now=NOW)

    pending: dict[int, list[int]] = {key: [0, 0] for key in state.accounts}
    closings = dict.fromkeys(state.accounts, 0)
    for hold in state.holds.values():
        if hold.ended_by is None:
            sides = hold.order.debit_account_id.int, hold.order.credit_account_id.int
            for side, key in enumerate(sides):
                pending[key][side] += hold.amount_minor
            if hold.order.terms.closes is not None:
                closings[sides[hold.order.terms.closes is Side.CREDIT]] += 1
    assert {key: list(sums[2:]) for key, sums in _sums(state).items()} == pending
    assert _closings(state) == closings


@given(states, batches)
def test_no_sum_is_negative_or_greater_than_the_store_can_hold(state, batch):
    judge(state, batch, now=NOW)

    for sums in _sums(state).values():
        assert min(sums) >= 0
        assert max(sums) < 2**63


@given(states, batches)
def test_limits_hold_after_every_transfer_that_was_not_forced(state, batch):
    """Cases 13 and 15."""
    for verdict in _created(judge(state, batch, now=NOW)):
        effect, terms = verdict.effect, verdict.order.terms
        if terms.is_forced or terms.kind not in (Kind.TRANSFER, Kind.HOLD):
            continue
        debits, credits_, pending_debits, _ = effect.debit_after
        if effect.debit.debits_within_credits:
            assert debits + pending_debits <= credits_ + effect.debit.credit_line_minor
        debits, credits_, _, pending_credits = effect.credit_after
        if effect.credit.credits_within_debits:
            assert credits_ + pending_credits <= debits


@given(states, batches)
def test_no_id_succeeds_twice_and_groups_are_whole(state, batch):
    verdicts = judge(state, batch, now=NOW)

    created = [verdict.order.transfer_id for verdict in _created(verdicts)]
    assert len(created) == len(set(created))
    at = 0
    while at < len(verdicts):
        size = len(group_from(batch, at))
        assert len({verdict.result is Result.CREATED for verdict in verdicts[at : at + size]}) == 1
        at += size


@given(states, batches)
def test_no_hold_ends_twice(state, batch):
    """Case 11."""
    ended = [v.order.terms.hold_id for v in _created(judge(state, batch, now=LATER)) if v.order.terms.hold_id]

    assert len(ended) == len(set(ended))


@given(states, batches, batches)
def test_what_is_refused_leaves_every_sum_as_it_was(state, batch, more):
    """Case 32: only what is accepted moves anything."""
    judge(state, batch, now=NOW)
    at = 0

    while at < len(more):
        members = group_from(more, at)
        before = _sums(state), _closings(state), deepcopy(state.holds), set(state.known)
        verdicts = judge(state, members, now=NOW)
        if not _created(verdicts):
            assert (_sums(state), _closings(state), state.holds, set(state.known)) == before
        at += len(members)


@given(states, batches)
def test_judging_the_same_batch_again_changes_nothing(state, batch):
    first = judge(state, batch, now=NOW)
    before = _sums(state)

    again = judge(state, batch, now=NOW)

    # What failed only for a sibling's sake, or was malformed, may pass now; nothing that was decided for good changes.
    decided = {v.order.transfer_id for v in first if v.result is Result.CREATED or v.result in LASTING}
    assert not decided & {verdict.order.transfer_id for verdict in _created(again)}
    if not _created(again):
        assert _sums(state) == before


@given(states, batches)
def test_a_resend_of_what_was_accepted_exists(state, batch):
    """Case 2: alone, with the same content, whatever came after it."""
    accepted = [v.order for v in _created(judge(state, batch, now=NOW)) if v.order.terms.group_size == 0]

    for order in accepted:
        (verdict,) = judge(state, [order], now=LATER)
        assert verdict.result is Result.EXISTS
        (verdict,) = judge(state, [order._replace(tags="other")], now=LATER)
        assert verdict.result in CONFLICTS


@given(states, batches, st.integers(0, 30))
def test_a_batch_may_be_cut_anywhere_between_groups(state, batch, cut):
    at = 0
    while at < min(cut, len(batch)):
        at += len(group_from(batch, at))
    whole, parts = deepcopy(state), deepcopy(state)

    together = judge(whole, batch, now=NOW)
    apart = judge(parts, batch[:at], now=NOW) + judge(parts, batch[at:], now=NOW)

    assert [verdict.result for verdict in together] == [verdict.result for verdict in apart]
    assert whole.accounts == parts.accounts
    assert whole.holds == parts.holds
