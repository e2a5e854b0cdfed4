"""Laws of money, for all amounts and weights."""

from hypothesis import given
from hypothesis import strategies as st

from ledger.kernel.currencies import EXPONENTS
from ledger.kernel.money import MINOR_MAX, Money

amounts = st.integers(-MINOR_MAX, MINOR_MAX)
currencies = st.sampled_from(sorted(EXPONENTS))
weights = st.lists(st.integers(0, 10**9), min_size=1, max_size=20).filter(any)


@given(amounts, currencies)
def test_decimal_text_reads_back(minor, currency):
    money = Money(minor, currency)

    assert Money.parse(money.decimal, currency) == money


@given(amounts, weights)
def test_shares_sum_to_the_whole_and_are_within_one_unit_of_their_due(minor, weights):
    shares = Money(minor, "USD").split(weights)

    assert sum(share.minor for share in shares) == minor
    for share, weight in zip(shares, weights, strict=True):
        assert abs(share.minor * sum(weights) - minor * weight) < sum(weights)


@given(amounts, weights)
def test_sharing_a_debt_mirrors_sharing_a_credit(minor, weights):
    assert Money(-minor, "USD").split(weights) == tuple(-share for share in Money(minor, "USD").split(weights))
