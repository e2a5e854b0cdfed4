"""Balancing orders: at most so much, and no more than a side has (cases 16, 17, and what case 20 needs of the book)."""


def test_a_balancing_debit_moves_at_most_what_the_debit_account_has(book):
    """Case 16: pending debits count as gone, and moving nothing is recorded as well."""
    book.check("""
        open   A 10.00 USD
        open   B 0.00 USD
        hold   A -> B 1.00        ok
        upto   A -> B 3.00   t1   ok
        expect B 3.00
        upto   A -> B 13.00  t2   ok
        expect B 9.00
        upto   A -> B 1.00   t3   ok
        sums   A 1.00 9.00 0.00 10.00
        upto   A -> B 2.00   t1   exists_with_different_amount
        upto   A -> B 3.00   t1   exists
        upto   A -> B 4.00   t1   exists_with_different_content
        upto   A -> B 5.99   t2   exists_with_different_amount
        upto   A -> B 6.00   t2   exists_with_different_content
        upto   A -> B 13.00  t2   exists
        upto   A -> B 13.00  t2 keep=0.01   exists_with_different_content
        upto   A -> B 1.00   t3   exists
        move   A -> B 3.00   t1   exists_with_different_flags
        sums   A 1.00 9.00 0.00 10.00
    """)


def test_many_sources_pay_one_amount_in_their_order(book):
    """Case 17: the target balances too, so that nothing is left over; what is not needed stays with the last source."""
    book.check("""
        open   S1 40.00 USD
        open   S2 40.00 USD
        open   S3 21.00 USD
        open   T 0.00 USD mirrored
        open   shop 0.00 USD
        move   T -> shop 100.00                ok
        upto   S1 -> T 100.00 side=both linked ok
        upto   S2 -> T 100.00 side=both linked ok
        upto   S3 -> T 100.00 side=both linked ok
        expect S1 0.00  S2 0.00  S3 1.00  T 0.00  shop 100.00
    """)


def test_many_sources_that_do_not_suffice_pay_nothing(book):
    """Case 17: the last member takes what was gathered, and fails the group where it is not all there."""
    book.check("""
        open   S1 40.00 USD
        open   S2 40.00 USD
        open   S3 19.00 USD
        open   T 0.00 USD
        open   shop 0.00 USD
        upto   S1 -> T 100.00 linked   linked_failed
        upto   S2 -> T 100.00 linked   linked_failed
        upto   S3 -> T 100.00 linked   linked_failed
        linked T -> shop 100.00        insufficient_funds
        expect S1 40.00  S2 40.00  S3 19.00  T 0.00  shop 0.00
    """)


def test_a_balancing_credit_moves_at_most_what_the_credit_account_owes(book):
    book.check("""
        open   A 100.00 USD
        open   D 0.00 USD debit mirrored
        move   D -> A 7.00             ok
        hold   A -> D 2.00             ok
        upto   A -> D 99.00 side=credit   ok
        expect A 102.00  D 2.00
        upto   A -> D 1.00 side=credit    ok
        sums   D 0.00 7.00 2.00 5.00
    """)


def test_a_balancing_debit_counts_the_credit_line_and_leaves_what_is_to_be_kept(book):
    """Case 20: `save 10` on 20 takes 10."""
    book.check("""
        open   A 20.00 USD
        open   L 0.00 USD line=5.00
        open   B 0.00 USD
        upto   A -> B 16.00 keep=10.00               ok
        expect A 10.00  B 10.00
        upto   L -> B 16.00                          ok
        expect L -5.00  B 15.00
        upto   A -> B 1.00 side=credit keep=10.00    flags_are_exclusive
        move   A -> B 1.00 keep=10.00                flags_are_exclusive
    """)


def test_a_hold_may_balance_and_holds_what_there_is(book):
    book.check("""
        open   A 10.00 USD
        open   B 0.00 USD
        hold   A -> B 25.00 h1 balancing=debit   ok
        sums   A 10.00 0.00 0.00 10.00
        post   h1 10.01                          exceeds_hold
        post   h1                                ok
        expect A 0.00  B 10.00
    """)
