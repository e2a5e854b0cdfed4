"""Foreign exchange: two linked transfers through liquidity accounts, at an exact rate, of any exponents."""

import pytest
import sqlalchemy as sa

from ledger.book.errors import InvalidRate
from ledger.book.judging.results import Result
from ledger.book.reading import balances
from ledger.book.reading.transfers import transfers
from ledger.book.records.accounts import AccountKind
from ledger.flows.accounts import OwnAccount
from ledger.flows.exchanges import ExchangeOrder, exchange
from ledger.kernel.errors import InvalidAmount, NotFound, UnknownCurrency
from ledger.kernel.ids import PartnerId, new_id
from ledger.kernel.money import Money
from ledger.kernel.rounding import Rounding
from ledger.kernel.work import read


def _order(shop, sold: str, currency: str, rate: str, **fields) -> ExchangeOrder:
    amount, of = sold.split()
    ids = shop.account(of), shop.account(currency)
    money = Money.parse(amount, of)
    return ExchangeOrder(shop.book_id, shop.partner_id, "k1", *ids, money, currency, rate)._replace(**fields)


def _exchange(shop, *order, **fields):
    return exchange(shop.engine, shop.writer.post, _order(shop, *order, **fields))


def _liquidity(shop, currency: str) -> str:
    own = OwnAccount(shop.book_id, shop.partner_id, AccountKind.LIQUIDITY, currency)
    with read(shop.engine) as reader:
        return str(balances.account(reader, shop.book_id, own.account_id).balance)


def _sums_at_every_position(shop) -> set[int]:
    """The sum of all balances of a currency, at every position: only zero may be in it."""
    query = sa.text("""
        SELECT sum(e.credits_minor - e.debits_minor)
        FROM transfers t
        CROSS JOIN accounts a
        CROSS JOIN LATERAL (
            SELECT * FROM entries e
            WHERE e.book_id = a.book_id AND e.account_no = a.account_no AND e.seq <= t.seq ORDER BY e.seq DESC LIMIT 1
        ) e
        GROUP BY t.seq, a.currency
    """)
    with shop.engine.connect() as connection:
        return set(connection.execute(query).scalars())


@pytest.mark.parametrize(
    ("sold", "rate", "bought"),
    [
        ("100.00 USD", "0.9217", "92.17 EUR"),
        ("100.00 USD", "151.37", "15137 JPY"),
        ("100.00 USD", "0.30675", "30.675 KWD"),
        ("100.00 USD", "0.0251", "2.5100 CLF"),
        ("1001 JPY", "0.0066", "6.61 USD"),  # 6.6066
        ("1.005 KWD", "3.26", "3.28 USD"),  # 3.2763
        ("10.0001 CLF", "39.8", "398.00 USD"),  # 398.00398
        ("1000 JPY", "0.00203", "2.030 KWD"),
        ("0.03 USD", "1/3", "0.01 EUR"),
        ("0.05 USD", "1/2", "0.02 EUR"),  # 2.5 cents: half to even
        ("0.07 USD", "1/2", "0.04 EUR"),  # 3.5 cents: half to even
    ],
)
def test_an_exchange_moves_just_what_the_rate_says_and_each_currency_sums_to_zero(shop, sold, rate, bought):
    amount, of = sold.split()
    currency = bought.split()[1]
    shop.open(f"{of} {amount} {of}\n {currency} 0 {currency}")

    posted = _exchange(shop, sold, currency, rate)

    assert [outcome.result for outcome in posted.outcomes] == [Result.CREATED, Result.CREATED]
    assert shop.has(currency) == f"{currency} {bought.split()[0]}"
    assert Money.parse(shop.has(of).split()[1], of).minor == 0
    assert (_liquidity(shop, of), _liquidity(shop, currency)) == (str(Money.parse(amount, of)), f"-{bought}")
    assert _sums_at_every_position(shop) == {0}
    assert shop.faults() == []


def test_both_transfers_carry_the_text_of_the_rate_and_one_group(shop):
    shop.open("USD 100.00 USD\n EUR 0.00 EUR")

    posted = _exchange(shop, "90.00 USD", "EUR", "0.92170")

    with read(shop.engine) as reader:
        found = transfers(reader, shop.book_id, [order.transfer_id for order in posted.orders])
    legs = [view.transfer for view in found.values()]
    assert [leg.rate for leg in legs] == ["0.92170"] * 2
    assert len({leg.group_id for leg in legs}) == 1


def test_an_exchange_that_cannot_be_paid_moves_nothing_in_either_currency(shop):
    shop.open("USD 10.00 USD\n EUR 0.00 EUR")

    posted = _exchange(shop, "10.01 USD", "EUR", "0.9")

    assert [outcome.result for outcome in posted.outcomes] == [Result.INSUFFICIENT_FUNDS, Result.LINKED_FAILED]
    assert (shop.has("USD EUR"), _liquidity(shop, "EUR")) == ("USD 10.00 EUR 0.00", "0.00 EUR")


def test_a_resend_exists_and_another_rate_under_the_same_key_is_named(shop):
    shop.open("USD 100.00 USD\n EUR 0.00 EUR")
    _exchange(shop, "10.00 USD", "EUR", "0.9")

    same, other = _exchange(shop, "10.00 USD", "EUR", "0.9"), _exchange(shop, "10.00 USD", "EUR", "0.90")

    assert [outcome.result for outcome in same.outcomes] == [Result.EXISTS, Result.EXISTS]
    assert other.outcomes[0].result is Result.EXISTS_WITH_DIFFERENT_FLAGS
    assert shop.has("EUR") == "EUR 9.00"


def test_what_is_said_to_be_bought_is_checked_against_rate_and_rounding(shop):
    shop.open("USD 100.00 USD\n EUR 0.00 EUR")
    order = _order(shop, "0.05 USD", "EUR", "0.5", rounding=Rounding.UP)

    with pytest.raises(InvalidAmount, match=r"rounded up, come to 0\.03 EUR, not to 0\.02 EUR"):
        exchange(shop.engine, shop.writer.post, order._replace(bought_minor=2))
    exchange(shop.engine, shop.writer.post, order._replace(bought_minor=3))

    assert shop.has("EUR") == "EUR 0.03"


@pytest.mark.parametrize(
    ("sold", "currency", "rate", "refusal"),
    [
        ("0.00 USD", "EUR", "1", InvalidAmount),
        ("0.01 USD", "EUR", "0.4", InvalidAmount),
        ("1.00 USD", "USD", "1.1", InvalidAmount),
        ("1.00 USD", "EUR", "0", InvalidRate),
        ("1.00 USD", "EUR", "1e3", InvalidRate),
        ("1.00 USD", "XXX", "1", UnknownCurrency),
    ],
)
def test_what_is_no_exchange_is_refused_before_anything_is_written(shop, sold, currency, rate, refusal):
    with pytest.raises(refusal):
        _exchange(shop, sold, currency, rate)


def test_a_partner_that_there_is_not_opens_no_liquidity(shop):
    with pytest.raises(NotFound, match="there is no partner"):
        _exchange(shop, "1.00 USD", "EUR", "1", partner_id=PartnerId(new_id()))
