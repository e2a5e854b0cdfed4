"""Money is read exactly and written back exactly."""

import pytest

from ledger.kernel.errors import InvalidAmount, UnknownCurrency
from ledger.kernel.money import Money


@pytest.mark.parametrize(
    ("text", "currency", "minor"),
    [
        ("10.50", "USD", 1050),
        ("-0.05", "EUR", -5),
        ("+7", "JPY", 7),
        ("0.29", "USD", 29),
        ("1.5", "KWD", 1500),
        ("1.500000", "USD", 150),
        (" 12 ", "USD", 1200),
        ("92233720368547758.07", "USD", 2**63 - 1),
    ],
)
def test_decimal_text_is_read_exactly(text, currency, minor):
    assert Money.parse(text, currency) == Money(minor, currency)


@pytest.mark.parametrize("text", ["", "1,000.00", "1e5", "NaN", "inf", "1.005", "0x10", "1.", ".5", "--1", "1 000"])
def test_what_is_not_a_plain_decimal_is_refused(text):
    with pytest.raises(InvalidAmount):
        Money.parse(text, "USD")


def test_an_amount_beyond_the_ledger_is_refused():
    with pytest.raises(InvalidAmount, match="larger than the ledger holds"):
        Money.parse("92233720368547758.08", "USD")


def test_an_unknown_currency_is_named():
    with pytest.raises(UnknownCurrency, match="'XXQ' is not an ISO 4217"):
        Money.parse("1", "XXQ")


def test_amounts_of_two_currencies_do_not_add():
    with pytest.raises(AssertionError, match="USD and EUR"):
        _ = Money(1, "USD") + Money(1, "EUR")


@pytest.mark.parametrize(
    ("minor", "weights", "shares"),
    [(15, [80, 8, 12], [12, 1, 2]), (100, [1, 1, 1], [34, 33, 33]), (2, [90, 10], [2, 0]), (-10, [1, 2], [-3, -7])],
)
def test_shares_go_to_the_largest_remainder(minor, weights, shares):
    assert [share.minor for share in Money(minor, "USD").split(weights)] == shares


@pytest.mark.parametrize("weights", [[], [0, 0], [1, -1]])
def test_weights_that_share_nothing_are_refused(weights):
    with pytest.raises(InvalidAmount):
        Money(1, "USD").split(weights)
