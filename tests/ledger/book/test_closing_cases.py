"""Closing, reopening and freezing accounts (case 18), closed periods, and monitors."""


def test_a_closing_hold_closes_and_its_void_reopens(book):
    """Case 18."""
    book.check("""
        open   A 100.00 USD
        open   B 0.00 USD
        close  A                  ok
        move   A -> B 1.00        debit_account_closed
        move   B -> A 0.00        credit_account_closed
        hold   A -> B 1.00        debit_account_closed
        reopen A                  ok
        move   A -> B 1.00        ok
        reopen A                  hold_already_voided
        expect A 99.00  B 1.00
    """)


def test_a_closing_must_be_a_hold(book):
    """Case 18."""
    book.check("""
        open   A 100.00 USD
        open   B 0.00 USD
        move   A -> B 1.00 closes=debit             closing_must_be_a_hold
        hold   A -> B 1.00 h1 closes=credit         ok
        move   A -> B 1.00                          credit_account_closed
        post   h1                                   credit_account_closed
        void   h1                                   ok
        expect A 100.00  B 0.00
    """)


def test_open_holds_of_a_closed_account_are_released_and_not_posted(book):
    """Case 18."""
    book.check("""
        open   A 100.00 USD
        open   B 0.00 USD
        hold   A -> B 10.00 h1             ok
        hold   A -> B 20.00 h2             ok
        hold   A -> B 30.00 h3 timeout=5   ok
        close  A                           ok
        post   h1                          debit_account_closed
        void   h1                          ok
        clock  +5
        batch
        sums   A 20.00 0.00 0.00 100.00
        reopen A                           ok
        post   h2                          ok
        expect A 80.00  B 20.00
    """)


def test_two_closings_need_two_reopenings(book):
    book.check("""
        open   A 100.00 USD
        open   B 0.00 USD
        hold   A -> B 0.00 c1 closes=debit           ok
        hold   A -> B 0.00 c2 closes=debit           debit_account_closed
        void   c1                                    ok
        hold   A -> B 0.00 c3 closes=debit linked    ok
        void   c3 linked                             ok
        move   A -> B 1.00                           ok
    """)


def test_a_closing_may_end_by_its_deadline(book):
    book.check("""
        open   A 100.00 USD
        open   B 0.00 USD
        hold   A -> B 0.00 c1 closes=debit timeout=5   ok
        clock  +4
        move   A -> B 1.00                             debit_account_closed
        clock  +1
        move   A -> B 1.00                             ok
    """)


def test_a_frozen_account_only_releases(book):
    book.check("""
        open   A 100.00 USD
        open   B 5.00 USD
        hold   A -> B 10.00 h1   ok
        hold   A -> B 10.00 h2   ok
        freeze A
        move   A -> B 1.00       debit_account_frozen
        move   B -> A 1.00       credit_account_frozen
        post   h1                debit_account_frozen
        void   h1                ok
        thaw   A
        post   h2                ok
        expect A 90.00  B 15.00
    """)


def test_a_freeze_may_be_of_one_side(book):
    book.check("""
        open   A 100.00 USD frozen=debits
        open   B 5.00 USD
        move   A -> B 1.00       debit_account_frozen
        move   B -> A 1.00       ok
        freeze A credits
        move   A -> B 1.00       ok
        move   B -> A 1.00       credit_account_frozen
        expect A 100.00  B 5.00
    """)


def test_nothing_is_dated_into_a_closed_period(book):
    book.check("""
        open   A 100.00 USD
        open   B 0.00 USD
        hold   A -> B 5.00 h1                ok
        move   A -> B 1.00 t1 on=2020-02-29  ok
        period 2020-02-29
        move   A -> B 1.00 t1 on=2020-02-29   exists
        move   A -> B 1.00 t2 on=2020-02-29   period_closed
        hold   A -> B 1.00 h2 on=2020-02-01   period_closed
        post   h1 p1 on=2020-02-29            period_closed
        post   h1 p2 on=2020-03-01            ok
        by     2020-02-29  A -1.00  B 1.00
        expect A 94.00  B 6.00
    """)


def test_a_monitor_sees_its_condition_become_true_and_not_stay_so(book):
    book.check("""
        open   A 100.00 USD
        open   B 0.00 USD
        watch  low A available below 50.00
        watch  big A pending above 20.00
        move   A -> B 50.00     ok
        hold   A -> B 10.00 h1  ok
        move   A -> B 5.00      ok
        seen   low 40.00
        void   h1               ok
        move   B -> A 20.00     ok
        hold   A -> B 30.00 h2  ok
        seen   low 40.00 35.00
        seen   big 30.00
    """)
