"""What becomes of transfers, as tables that an accountant can read."""


def test_a_transfer_moves_money(book):
    book.check("""
        open   A 100.00 USD
        open   B 0.00 USD
        move   A -> B 60.00  t1   ok
        expect A 40.00  B 60.00   world-USD -100.00
    """)


def test_an_unknown_account_is_not_found(book):
    book.check("""
        open   A 20.00 USD
        move   A -> nobody 5.00 t1   credit_account_not_found
        move   nobody -> A 5.00 t2   debit_account_not_found
    """)


def test_zero_moves_nothing_and_is_recorded(book):
    book.check("""
        open   A 0.00 USD
        open   B 0.00 USD
        move   A -> B 0.00  t1   ok
        batch
        move   A -> B 0.00  t1   exists
        expect A 0.00  B 0.00
    """)


def test_the_largest_amount_fits_and_one_more_does_not(book):
    book.check("""
        open   A 0.00 USD unlimited
        open   B 0.00 USD unlimited
        move   A -> B 92233720368547758.07  t1   ok
        move   A -> B 0.01                  t2   balance_overflow
        expect B 92233720368547758.07
    """)
