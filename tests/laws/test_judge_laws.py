"""The judge for all batches: it agrees with the naive model, and what no batch may ever do."""

from copy import deepcopy
from datetime import UTC, datetime
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from ledger.book.judge import Verdict, judge
from ledger.book.orders import AS_HELD, PLAIN, WHOLE_HOLD, Terms, TransferOrder
from ledger.book.results import Result
from ledger.book.state import AccountState, BookState, Sums
from ledger.kernel.ids import AccountId, AccountNo, GroupId, PartnerId, PartnerNo, TransferId
from ledger.records.accounts import Side
from ledger.records.transfers import Balancing, Kind
from tests.laws.naive_book import Account, NaiveBook, group_from

NOW = datetime(2026, 5, 1, tzinfo=UTC)
SHOP, RIVAL = PartnerId(UUID(int=1)), PartnerId(UUID(int=2))
ACCOUNTS = [AccountId(UUID(int=100 + n)) for n in range(5)]
WORLDS = {"USD": AccountId(UUID(int=200)), "EUR": AccountId(UUID(int=201))}

ids = st.integers(1, 12).map(lambda n: TransferId(UUID(int=n)))
groups = st.sampled_from([None, None, None, GroupId(UUID(int=50)), GroupId(UUID(int=51))])
begins = st.builds(
    lambda *values: TransferOrder(*values[:7], group_id=values[7], terms=values[8]),
    ids,
    st.just(SHOP),
    st.sampled_from([*ACCOUNTS, AccountId(UUID(int=999))]),
    st.sampled_from(ACCOUNTS),
    st.sampled_from([-1, 0, 1, 2, 3, 5, 8, 13, 2**63]),
    st.sampled_from(["USD"] * 8 + ["EUR"]),
    st.sampled_from(["payment", "payment", "fee"]),
    groups,
    st.sampled_from(
        [PLAIN] * 4
        + [Terms(kind=Kind.HOLD)] * 3
        + [Terms(balancing=Balancing.DEBIT), Terms(group_size=2), Terms(kind=Kind.HOLD, closes=Side.DEBIT)]
    ),
)
ends = st.builds(
    lambda name, kind, hold_id, amount, group_id: TransferOrder(
        name, SHOP, AS_HELD, AS_HELD, amount, "", "", group_id=group_id, terms=Terms(kind=kind, hold_id=hold_id)
    ),
    ids,
    st.sampled_from([Kind.POST, Kind.VOID]),
    ids,
    st.sampled_from([WHOLE_HOLD, WHOLE_HOLD, 0, 3]),
    groups,
)
orders = st.one_of(begins, begins, ends)
openings = st.lists(
    st.tuples(
        st.sampled_from([SHOP] * 6 + [RIVAL]),
        st.sampled_from(["USD"] * 6 + ["EUR"]),
        st.sampled_from([(False, False), (True, False), (True, False), (False, True)]),
        st.integers(0, 30),
    ),
    min_size=5,
    max_size=5,
)


def _naive(opened: list[tuple]) -> NaiveBook:
    """Every account is open, and has received what it starts with from the world."""
    book = NaiveBook()
    book.add_partner(SHOP, NOW)
    for currency, world in WORLDS.items():
        book.open_account(world, Account(SHOP, currency), NOW)
    for account_id, (partner_id, currency, _, funds) in zip(ACCOUNTS, opened, strict=True):
        book.open_account(account_id, Account(partner_id, currency), NOW)
        name = TransferId(UUID(int=account_id.int + 1000))
        world = WORLDS[currency]
        book.post([TransferOrder(name, SHOP, world, account_id, funds, currency, "", across_partners=True)], NOW)
    return book


def _judged(opened: list[tuple]) -> BookState:
    accounts = [
        AccountState(name, AccountNo(n), partner_id, PartnerNo(1), currency, Side.CREDIT, *flags, sums=Sums(0, funds))
        for n, (name, (partner_id, currency, flags, funds)) in enumerate(zip(ACCOUNTS, opened, strict=True))
    ]
    return BookState({account.account_id.int: account for account in accounts})


def _created(verdicts: list[Verdict]) -> list[Verdict]:
    return [verdict for verdict in verdicts if verdict.result is Result.CREATED]


states = openings.map(_judged)
batches = st.lists(orders, max_size=30)


@given(openings, batches)
def test_the_judge_agrees_with_the_naive_model(opened, batch):
    naive, state = _naive(opened), _judged(opened)
    for account_id, (_, _, (debits, credits_), _) in zip(ACCOUNTS, opened, strict=True):
        naive.set_terms(account_id, NOW, debits_within_credits=debits, credits_within_debits=credits_)

    verdicts = judge(state, batch, now=NOW)

    assert [str(verdict.result) for verdict in verdicts] == naive.post(batch, NOW)
    assert [state.accounts[name.int].sums for name in ACCOUNTS] == [naive.balance(name) for name in ACCOUNTS]


@given(states, batches)
def test_both_sides_grow_by_the_same_amount_whether_posted_or_pending(state, batch):
    before = [account.sums for account in state.accounts.values()]

    judge(state, batch, now=NOW)

    grown = [
        sum(account.sums[at] - old[at] for account, old in zip(state.accounts.values(), before, strict=True))
        for at in range(4)
    ]
    assert grown[0] == grown[1]
    assert grown[2] == grown[3]


@given(states, batches)
def test_what_is_pending_is_what_the_open_holds_reserve(state, batch):
    judge(state, batch, now=NOW)

    standing = [hold for hold in state.holds.values() if hold.ended_by is None]
    for account in state.accounts.values():
        debits = sum(hold.amount_minor for hold in standing if hold.order.debit_account_id == account.account_id)
        credits_ = sum(hold.amount_minor for hold in standing if hold.order.credit_account_id == account.account_id)
        assert account.sums[2:] == (debits, credits_)


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
def test_a_batch_that_creates_nothing_leaves_every_balance_as_it_was(state, batch):
    before = deepcopy(state)

    if not _created(judge(state, batch, now=NOW)):
        assert (state.accounts, state.holds, state.known) == (before.accounts, before.holds, before.known)


@given(states, batches)
def test_judging_the_same_batch_again_accepts_nothing_again(state, batch):
    first = {verdict.order.transfer_id for verdict in _created(judge(state, batch, now=NOW))}

    again = judge(state, batch, now=NOW)

    # What failed only for a sibling's sake may pass now.
    assert first.isdisjoint(verdict.order.transfer_id for verdict in _created(again))


@given(states, batches, st.integers(0, 30))
def test_a_batch_may_be_cut_anywhere_between_groups(state, batch, cut):
    at = 0
    while at < min(cut, len(batch)):
        at += len(group_from(batch, at))
    whole, parts = deepcopy(state), deepcopy(state)

    together = judge(whole, batch, now=NOW)
    apart = judge(parts, batch[:at], now=NOW) + judge(parts, batch[at:], now=NOW)

    assert [verdict.result for verdict in together] == [verdict.result for verdict in apart]
    assert whole == parts
