"""Rates are exact, and an exchange rounds once."""

from fractions import Fraction

import pytest

from ledger.book.errors import InvalidRate
from ledger.book.exchange import exchanged, parse_rate
from ledger.kernel.errors import InvalidAmount, UnknownCurrency
from ledger.kernel.money import MINOR_MAX, Money
from ledger.kernel.rounding import Rounding, rounded


@pytest.mark.parametrize(
    ("text", "rate"),
    [
        ("1.0842", Fraction(10842, 10000)),
        ("27/25", Fraction(27, 25)),
        ("149", Fraction(149)),
        ("0.000000000000000001", Fraction(1, 10**18)),
    ],
)
def test_a_rate_is_read_exactly(text, rate):
    assert parse_rate(text) == rate


@pytest.mark.parametrize(
    "text", ["", "0", "0.00", "1/0", "0/5", "-1.2", "1e5", "1,2", ".5", "1.", " 1.2", "1.2/3", "∞", "٣"]
)
def test_what_is_no_exact_rate_above_zero_is_refused(text):
    with pytest.raises(InvalidRate):
        parse_rate(text)


@pytest.mark.parametrize(
    ("exact", "half_even", "down", "up"),
    [
        (Fraction(5, 2), 2, 2, 3),
        (Fraction(7, 2), 4, 3, 4),
        (Fraction(-5, 2), -2, -2, -3),
        (Fraction(21, 10), 2, 2, 3),
        (Fraction(29, 10), 3, 2, 3),
        (Fraction(3), 3, 3, 3),
        (Fraction(0), 0, 0, 0),
    ],
)
def test_each_rounding_is_what_it_is_called(exact, half_even, down, up):
    assert [rounded(exact, each) for each in (Rounding.HALF_EVEN, Rounding.DOWN, Rounding.UP)] == [half_even, down, up]


@pytest.mark.parametrize(
    ("money", "rate", "currency", "worth"),
    [
        (Money(10000, "USD"), "0.9223", "EUR", "92.23 EUR"),
        (Money(1001, "USD"), "149.955", "JPY", "1501 JPY"),
        (Money(1501, "JPY"), "0.0066", "USD", "9.91 USD"),
        (Money(1000, "JPY"), "27/13", "KWD", "2076.923 KWD"),
        (Money(-10000, "USD"), "0.9223", "EUR", "-92.23 EUR"),
        (Money(0, "USD"), "0.9223", "EUR", "0.00 EUR"),
    ],
)
def test_an_exchange_knows_the_decimals_of_both_currencies(money, rate, currency, worth):
    assert str(exchanged(money, parse_rate(rate), currency, Rounding.HALF_EVEN)) == worth


def test_an_exchange_is_between_two_known_currencies_and_within_what_the_ledger_holds():
    with pytest.raises(InvalidAmount, match="is in USD already"):
        exchanged(Money(1, "USD"), Fraction(1), "USD", Rounding.DOWN)
    with pytest.raises(UnknownCurrency):
        exchanged(Money(1, "USD"), Fraction(1), "XXX", Rounding.DOWN)
    with pytest.raises(InvalidAmount, match="than the ledger holds"):
        exchanged(Money(MINOR_MAX, "USD"), Fraction(1), "KWD", Rounding.DOWN)
