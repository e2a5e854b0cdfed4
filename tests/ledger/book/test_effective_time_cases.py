"""Effective time and recorded time: back-dating changes the past's dates, never its positions (case 27)."""


def test_a_back_dated_transfer_changes_its_day_and_no_earlier_position(book):
    """Case 27."""
    book.check("""
        open   A 100.00 USD
        open   B 0.00 USD
        mark   opened
        move   A -> B 10.00                   ok
        mark   moved
        clock  +86400
        move   A -> B 5.00 on=2020-02-01      ok
        expect A 85.00  B 15.00
        at     opened A 100.00  B 0.00
        at     moved  A 90.00   B 10.00
        by     2020-01-31 A 0.00   B 0.00
        by     2020-02-01 A -5.00  B 5.00
        by     2020-02-29 A -5.00  B 5.00
        by     2020-03-01 A 85.00  B 15.00
        by     2020-03-02 A 85.00  B 15.00
    """)


def test_a_back_dated_post_counts_on_its_day_and_its_hold_does_not(book):
    book.check("""
        open   A 100.00 USD
        open   B 0.00 USD
        hold   A -> B 10.00 h1 on=2020-02-10   ok
        post   h1 4.00 on=2020-02-20           ok
        by     2020-02-10 B 0.00
        by     2020-02-20 B 4.00
        expect B 4.00
    """)


def test_a_transfer_is_never_dated_ahead_and_by_a_partner_a_year_back_at_most(book):
    book.check("""
        open   A 100.00 USD
        open   B 0.00 USD
        move   A -> B 1.00 on=2020-03-02          effective_in_future
        move   A -> B 1.00 on=2019-02-28          effective_too_early
        move   A -> B 1.00 on=2019-02-28 across   ok
        move   A -> B 1.00 on=2019-03-02          ok
        expect B 2.00
    """)
