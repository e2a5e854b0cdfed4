"""Imports of strict history: dates rise, lie in the past, and are not mixed with what happens now (case 28)."""


def test_imported_dates_do_not_fall(book):
    """Case 28."""
    book.check("""
        open   A 100.00 USD
        open   B 0.00 USD
        move   A -> B 1.00 i1 imported across on=2018-01-01   ok
        move   A -> B 1.00 i2 imported across on=2018-01-03   ok
        move   A -> B 1.00 i3 imported across on=2018-01-02   imported_must_not_regress
        move   A -> B 1.00 i4 imported across on=2018-01-03   ok
        batch
        move   A -> B 1.00 i3 imported across on=2018-01-02   imported_must_not_regress
        move   A -> B 1.00 i3 imported across on=2018-01-04   ok
        expect B 4.00
    """)


def test_history_and_what_happens_now_are_not_mixed(book):
    """Case 28: the first order of a batch says what it is."""
    book.check("""
        open   A 100.00 USD
        open   B 0.00 USD
        move   A -> B 1.00 i1 imported across on=2018-01-01   ok
        move   A -> B 1.00 n1                                 imported_not_mixed
        batch
        move   A -> B 1.00 n1                                 ok
        move   A -> B 1.00 i2 imported across on=2018-01-02   imported_not_mixed
        batch
        move   A -> B 1.00 i2 imported across on=2018-01-02   ok
        expect B 3.00
    """)


def test_imported_orders_are_dated_in_the_past_and_their_holds_have_no_timeout(book):
    """Case 28."""
    book.check("""
        open   A 100.00 USD
        open   B 0.00 USD
        move   A -> B 1.00 i1 imported                          imported_needs_effective_time
        move   A -> B 1.00 i2 imported on=2020-04-01            effective_in_future
        hold   A -> B 1.00 i3 imported on=2020-02-01 timeout=5  imported_hold_has_timeout
        hold   A -> B 1.00 i3 imported on=2020-02-01            ok
    """)


def test_a_group_of_history_that_fails_leaves_the_last_date_where_it_was(book):
    """Case 28."""
    book.check("""
        open   A 100.00 USD
        open   B 0.00 USD
        move   A -> B 1.00 i1 imported on=2020-01-01             ok
        linked A -> B 1.00 i2 imported on=2020-02-01             linked_failed
        linked A -> B 999.00 i3 imported on=2020-02-02           insufficient_funds
        move   A -> B 1.00 i4 imported on=2020-01-15             ok
        move   A -> B 999.00 i5 imported on=2020-02-03           insufficient_funds
        move   A -> B 1.00 i6 imported on=2020-01-16             ok
        expect B 3.00
    """)
