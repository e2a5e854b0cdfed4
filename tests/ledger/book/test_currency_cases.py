"""Currencies: accounts of two do not meet, and an exchange is two legs in one group (case 21)."""


def test_accounts_of_two_currencies_do_not_meet(book):
    book.check("""
        open   A 20.00 USD
        open   E 20.00 EUR
        move   A -> E 5.00 t1                currency_mismatch
        move   A -> world-USD 5.00 t2 currency=EUR currency_mismatch
        expect A 20.00  E 20.00
    """)


def test_an_exchange_is_two_legs_through_liquidity_accounts_with_its_rate(book):
    """Case 21: per currency the sum of all accounts is zero, whatever is exchanged."""
    book.check("""
        open   A 100.00 USD
        open   E 0.00 EUR
        open   pool-USD 0.00 USD unlimited
        open   pool-EUR 500.00 EUR
        linked A -> pool-USD 100.00 x1 rate=0.92   ok
        linked pool-EUR -> E 92.00  x2 rate=0.92   ok
        expect A 0.00  pool-USD 100.00  world-USD -100.00
        expect E 92.00  pool-EUR 408.00  world-EUR -500.00
    """)


def test_an_exchange_without_liquidity_fails_on_both_legs(book):
    book.check("""
        open   A 100.00 USD
        open   E 0.00 EUR
        open   pool-USD 0.00 USD unlimited
        open   pool-EUR 91.99 EUR
        linked A -> pool-USD 100.00 x1 rate=0.92   linked_failed
        linked pool-EUR -> E 92.00  x2 rate=0.92   insufficient_funds
        expect A 100.00  pool-USD 0.00  E 0.00  pool-EUR 91.99
    """)


def test_minor_units_have_the_decimals_of_their_currency(book):
    book.check("""
        open   J 1000 JPY
        open   K 0 JPY
        open   D 10.000 KWD
        open   F 0.000 KWD
        move   J -> K 1      ok
        move   D -> F 0.001  ok
        move   J -> K 1000   insufficient_funds
        move   D -> F 10.000 insufficient_funds
        expect J 999  K 1  D 9.999  F 0.001
    """)
