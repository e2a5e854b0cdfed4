"""The judge agrees with the naive model for all batches."""

from datetime import UTC, datetime
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from ledger.book.judging.judge import judge
from ledger.book.judging.orders import AS_HELD, PLAIN, WHOLE_HOLD, Terms, TransferOrder
from ledger.book.judging.state import AccountState, BookState
from ledger.book.judging.sums import Sums
from ledger.book.records.accounts import AccountId, AccountNo, Side
from ledger.book.records.transfers import Balancing, GroupId, Kind, TransferId
from ledger.kernel.ids import PartnerId
from ledger.tenancy.records import PartnerNo
from tests.laws.naive_book import Account, NaiveBook

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


batches = st.lists(orders, max_size=30)


@given(openings, batches)
def test_the_judge_agrees_with_the_naive_model(opened, batch):
    naive, state = _naive(opened), _judged(opened)
    for account_id, (_, _, (debits, credits_), _) in zip(ACCOUNTS, opened, strict=True):
        naive.set_terms(account_id, NOW, debits_within_credits=debits, credits_within_debits=credits_)

    verdicts = judge(state, batch, now=NOW)

    assert [str(verdict.result) for verdict in verdicts] == naive.post(batch, NOW)
    assert [state.accounts[name.int].sums for name in ACCOUNTS] == [naive.balance(name) for name in ACCOUNTS]
