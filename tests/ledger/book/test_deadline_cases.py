"""Deadlines: a hold with a timeout ends by itself, before anything that is judged after its instant (case 12)."""


def test_holds_end_at_their_deadlines_one_after_the_other(book):
    """Case 12."""
    book.check("""
        open   A 100.00 USD
        open   B 0.00 USD
        hold   A -> B 10.00 h0             ok
        hold   A -> B 11.00 h1 timeout=1   ok
        hold   A -> B 12.00 h2 timeout=2   ok
        hold   A -> B 13.00 h3 timeout=3   ok
        sums   A 46.00 0.00 0.00 100.00
        clock  +1
        sums   A 46.00 0.00 0.00 100.00    # a read may lag; what is judged may not
        batch
        sums   A 35.00 0.00 0.00 100.00
        clock  +1
        batch
        sums   A 23.00 0.00 0.00 100.00
        clock  +1
        post   h3                          hold_expired
        sums   A 10.00 0.00 0.00 100.00
        post   h0                          ok
        sums   A 0.00 10.00 0.00 100.00
        sums   B 0.00 0.00 0.00 10.00
    """)


def test_what_a_deadline_releases_may_be_spent_in_the_same_instant(book):
    book.check("""
        open   A 100.00 USD
        open   B 0.00 USD
        hold   A -> B 100.00 h1 timeout=5   ok
        clock  +4
        move   A -> B 1.00                  insufficient_funds
        clock  +1
        move   A -> B 100.00                ok
        expect A 0.00  B 100.00
    """)


def test_nobody_ends_a_hold_as_expired_before_its_deadline(book):
    book.check("""
        open   A 100.00 USD
        open   B 0.00 USD
        hold   A -> B 1.00 h1 timeout=5   ok
        hold   A -> B 1.00 h2             ok
        expire h1 0.00                    hold_not_due
        expire h2 0.00                    hold_not_due
        clock  +5
        expire h1 0.00                    hold_expired
        sums   A 1.00 0.00 0.00 100.00
    """)


def test_expiries_stand_in_the_order_of_deadline_then_of_position(book):
    """Case 12: the order is the journal's, not that of any index."""
    book.check("""
        open   A 100.00 USD
        open   B 0.00 USD
        hold   A -> B 1.00 h1 timeout=3   ok
        hold   A -> B 2.00 h2 timeout=1   ok
        hold   A -> B 3.00 h3 timeout=3   ok
        hold   A -> B 4.00 h4 timeout=2   ok
        clock  +9
        batch
        sums   A 0.00 0.00 0.00 100.00
    """)

    with book.engine.connect() as connection:
        amounts = connection.exec_driver_sql(
            "SELECT amount_minor FROM transfers WHERE kind = 'expiry' AND book_id = %s ORDER BY seq", (book.book_id,)
        )

        assert list(amounts.scalars()) == [200, 400, 100, 300]


def test_a_timeout_is_of_holds_only_and_bounded(book):
    book.check("""
        open   A 100.00 USD
        open   B 0.00 USD
        move   A -> B 1.00 timeout=1              timeout_only_on_holds
        hold   A -> B 1.00 timeout=-1             timeout_overflow
        hold   A -> B 1.00 timeout=2147483648     timeout_overflow
        hold   A -> B 1.00 timeout=2147483647     ok
    """)
