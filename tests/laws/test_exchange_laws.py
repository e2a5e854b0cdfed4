"""Laws of exchange: whatever is exchanged, each currency sums to zero at every step, and nobody gains by rounding."""

from collections import Counter
from datetime import UTC, datetime
from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from ledger.book.exchange import parse_rate
from ledger.book.judging.judge import judge
from ledger.book.judging.results import Result
from ledger.book.judging.state import AccountState, BookState
from ledger.book.records.accounts import AccountId, AccountKind, AccountNo
from ledger.flows.accounts import OwnAccount
from ledger.flows.exchanges import ExchangeOrder, exchange_orders
from ledger.kernel.currencies import exponent
from ledger.kernel.errors import InvalidAmount
from ledger.kernel.ids import BookId, PartnerId, derived_id
from ledger.kernel.money import Money
from ledger.kernel.rounding import Rounding
from ledger.tenancy.records import PartnerNo

NOW = datetime(2026, 1, 1, tzinfo=UTC)
BOOK, PARTNER = BookId(1), PartnerId(derived_id("partner"))
CURRENCIES = ("JPY", "USD", "EUR", "KWD", "CLF")
EXCHANGES = st.lists(
    st.tuples(
        st.permutations(CURRENCIES).map(lambda drawn: drawn[:2]),
        st.integers(1, 10**9),
        st.one_of(
            st.decimals("0.0001", "9999", places=4).map(str),
            st.tuples(st.integers(1, 10**6), st.integers(1, 10**6)).map(lambda pair: f"{pair[0]}/{pair[1]}"),
        ),
        st.sampled_from(Rounding),
    ),
    max_size=12,
)


def _wallet(currency: str) -> AccountId:
    return AccountId(derived_id("wallet", currency))


def _book() -> BookState:
    own = [OwnAccount(BOOK, PARTNER, AccountKind.LIQUIDITY, currency) for currency in CURRENCIES]
    named = [(_wallet(each.currency), each.currency) for each in own] + [(a.account_id, a.currency) for a in own]
    states = (
        AccountState(account_id, AccountNo(number), PARTNER, PartnerNo(1), currency)
        for number, (account_id, currency) in enumerate(named, 1)
    )
    return BookState({state.account_id.int: state for state in states})


def _orders(drawn, key: str):
    (sells, buys), minor, rate, rounding = drawn
    ids = _wallet(sells), _wallet(buys)
    order = ExchangeOrder(BOOK, PARTNER, key, *ids, Money(minor, sells), buys, rate, rounding)
    try:
        return order, exchange_orders(order)
    except InvalidAmount:
        return order, []


@given(EXCHANGES)
def test_each_currency_sums_to_zero_after_every_transfer_of_every_exchange(drawn):
    state = _book()

    for number, each in enumerate(drawn):
        _, orders = _orders(each, str(number))
        for verdict in judge(state, orders, now=NOW):
            assert verdict.result is Result.CREATED
            sums = Counter()
            for account in state.accounts.values():
                sums[account.currency] += account.sums.credits - account.sums.debits
            assert set(sums.values()) == {0}


@given(EXCHANGES)
def test_what_is_bought_is_within_one_minor_unit_of_the_exact_worth_on_the_side_that_was_agreed(drawn):
    for each in drawn:
        order, orders = _orders(each, "k")
        for _, bought in [orders] if orders else []:
            scale = Fraction(10) ** (exponent(order.currency) - exponent(order.sold.currency))
            beyond = bought.amount_minor - order.sold.minor * scale * parse_rate(order.rate)
            bounds = {
                Rounding.DOWN: (-1, 0),
                Rounding.UP: (0, 1),
                Rounding.HALF_EVEN: (Fraction(-1, 2), Fraction(1, 2)),
            }
            low, high = bounds[order.rounding]
            assert low <= beyond <= high
