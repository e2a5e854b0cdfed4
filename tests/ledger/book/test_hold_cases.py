"""Holds: set aside, then posted wholly or partly, or voided, once (cases 9, 10, 11)."""


def test_a_hold_is_pending_on_both_sides(book):
    """Case 9, its first line."""
    book.check("""
        open   A 500.00 USD
        open   B 0.00 USD
        hold   A -> B 123.00 h1   ok
        sums   A 123.00 0.00 0.00 500.00
        sums   B 0.00 0.00 123.00 0.00
        expect A 500.00  B 0.00
        available A 377.00  B 0.00
    """)


def test_a_post_moves_the_whole_hold_where_it_says_no_amount(book):
    """Case 9."""
    book.check("""
        open   A 500.00 USD
        open   B 0.00 USD
        hold   A -> B 123.00 h1   ok
        post   h1                 ok
        sums   A 0.00 123.00 0.00 500.00
        sums   B 0.00 0.00 0.00 123.00
    """)


def test_a_post_of_a_part_releases_the_rest(book):
    """Case 9."""
    book.check("""
        open   A 500.00 USD
        open   B 0.00 USD
        hold   A -> B 123.00 h1   ok
        post   h1 100.00          ok
        sums   A 0.00 100.00 0.00 500.00
        sums   B 0.00 0.00 0.00 100.00
    """)


def test_a_void_returns_the_held_money(book):
    """Case 9."""
    book.check("""
        open   A 100.00 USD
        open   B 0.00 USD
        hold   A -> B 60.00  h1   ok
        hold   A -> B 60.00  h2   insufficient_funds
        void   h1                 ok
        expect A 100.00  B 0.00
        sums   A 0.00 0.00 0.00 100.00
        sums   B 0.00 0.00 0.00 0.00
    """)


def test_a_post_never_exceeds_its_hold_and_a_void_takes_all_of_it(book):
    """Case 10."""
    book.check("""
        open   A 100.00 USD
        open   B 0.00 USD
        hold   A -> B 15.00  h1   ok
        post   h1 16.00           exceeds_hold
        void   h1 14.00           hold_has_different_amount
        void   h1 0.00            ok
        hold   A -> B 15.00  h2   ok
        void   h2 15.00           ok
        hold   A -> B 15.00  h3   ok
        post   h3 0.00            ok
        post   h3                 hold_already_posted
        sums   A 0.00 0.00 0.00 100.00
        sums   B 0.00 0.00 0.00 0.00
    """)


def test_a_hold_ends_once_and_its_second_end_says_how_it_ended(book):
    """Case 11."""
    book.check("""
        open   A 100.00 USD
        open   B 0.00 USD
        hold   A -> B 1.00 h1            ok
        hold   A -> B 1.00 h2            ok
        hold   A -> B 1.00 h3 timeout=1  ok
        move   A -> B 1.00 t1            ok
        post   h1                        ok
        void   h2                        ok
        post   h1                        hold_already_posted
        void   h1                        hold_already_posted
        post   h2                        hold_already_voided
        void   h2                        hold_already_voided
        post   t1                        not_a_hold
        post   nothing-like-it           hold_not_found
        clock  +1
        post   h1                        hold_already_posted
        post   h2                        hold_already_voided
        post   h3                        hold_expired
        void   h3                        hold_expired
        post   t1                        not_a_hold
        expect A 98.00  B 2.00
    """)


def test_a_post_may_repeat_what_the_hold_says_and_nothing_else(book):
    """Case 11: four codes, in this order."""
    book.check("""
        open   A 100.00 USD
        open   B 0.00 USD
        open   C 0.00 USD
        hold   A -> B 15.00 h1                                       ok
        post   h1 16.00 debit=C credit=A currency=EUR code=fee       hold_has_different_debit_account
        post   h1 16.00 debit=A credit=C currency=EUR code=fee       hold_has_different_credit_account
        post   h1 16.00 debit=A credit=B currency=EUR code=fee       hold_has_different_currency
        post   h1 16.00 debit=A credit=B currency=USD code=fee       hold_has_different_code
        post   h1 16.00 debit=A credit=B currency=USD code=test      exceeds_hold
        post   h1 15.00 debit=A credit=B currency=USD code=test      ok
        post   h1 16.00                                              exceeds_hold   # before how it ended
        expect A 85.00  B 15.00
    """)


def test_another_partners_hold_is_not_found(book):
    book.check("""
        open   A 100.00 USD
        open   B 0.00 USD
        move   A -> B 1.00 t1              ok
        hold   A -> B 15.00 h1             ok
        void   h1 v1 by=rival              hold_not_found
        void   t1 v2 by=rival              hold_not_found
        void   h1 v3 by=rival across       ok
        sums   A 0.00 1.00 0.00 100.00
    """)


def test_a_hold_and_its_end_may_stand_in_one_group(book):
    book.check("""
        open   A 100.00 USD
        open   B 0.00 USD
        hold   A -> B 15.00 h1 linked   ok
        post   h1 10.00 p1 linked       ok
        sums   A 0.00 10.00 0.00 100.00
        post   h1                       hold_already_posted
    """)
