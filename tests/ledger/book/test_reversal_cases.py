"""Reversals: a transfer is moved back once at most, by a transfer that names it (case 33)."""


def test_a_reversal_moves_back_once_under_whatever_id(book):
    """Case 33; `tests/ledger/flows/test_reverse_transfer.py` races two of them."""
    book.check("""
        open   A 100.00 USD
        open   B 0.00 USD
        move   A -> B 60.00 t1    ok
        reverse t1 r1             ok
        batch
        reverse t1 r1             exists
        move   B -> A 60.00 r1    exists_with_different_flags
        reverse t1 r2             already_reversed
        reverse r1 r3             ok
        reverse t1 r4 forced      already_reversed
        expect A 40.00  B 60.00
    """)


def test_a_reversal_of_what_was_spent_is_refused_unless_it_is_forced(book):
    """Case 33: what was forced says so for ever."""
    book.check("""
        open   A 100.00 USD
        open   B 0.00 USD
        open   C 0.00 USD
        move   A -> B 60.00 t1    ok
        move   B -> C 1.00        ok
        reverse t1 r1             insufficient_funds
        reverse t1 r2 forced      ok
        expect A 100.00  B -1.00  C 1.00
    """)

    with book.engine.connect() as connection:
        marked = connection.exec_driver_sql(
            "SELECT r.is_forced, t.transfer_id FROM transfers r JOIN transfers t USING (book_id)"
            " WHERE t.seq = r.reverses_seq AND book_id = %s",
            (book.book_id,),
        ).all()
    assert marked == [(True, book.orders.transfer_id("t1"))]


def test_only_a_transfer_of_the_same_partner_is_reversed(book):
    book.check("""
        open   A 100.00 USD
        open   R 100.00 USD of=rival
        open   S 0.00 USD of=rival
        move   R -> S 5.00 t1 by=rival               ok
        move   A -> world-USD 5.00 reverses=t1       reversed_not_found
        move   A -> world-USD 5.00 reverses=none     reversed_not_found
        move   S -> R 5.00 by=rival reverses=t1      ok
        expect R 100.00  S 0.00
    """)


def test_a_reversal_is_the_mirror_of_what_it_reverses(book):
    """Accounts, amount and currency: whatever differs, the judge refuses it."""
    book.check("""
        open   A 100.00 USD
        open   B 0.00 USD
        open   C 50.00 USD
        open   E 9.00 EUR
        open   F 9.00 EUR
        move   A -> B 60.00 t1                         ok
        move   A -> B 60.00 reverses=t1                reversal_is_no_mirror
        move   B -> A 59.99 reverses=t1                reversal_is_no_mirror
        move   B -> A 60.01 reverses=t1                reversal_is_no_mirror
        move   C -> A 50.00 reverses=t1                reversal_is_no_mirror
        move   B -> C 60.00 reverses=t1                reversal_is_no_mirror
        move   E -> F 1.00  reverses=t1                reversal_is_no_mirror
        move   B -> A 10.00 reverses=t1 forced across  reversal_is_no_mirror
        upto   B -> A 60.00 reverses=t1                flags_are_exclusive
        batch
        move   B -> A 59.00 reverses=t1                reversal_is_no_mirror
        move   B -> A 60.00 reverses=t1                ok
        expect A 100.00  B 0.00  C 50.00
    """)


def test_what_moved_no_money_is_not_reversed_by_the_judge_either(book):
    book.check("""
        open   A 100.00 USD
        open   B 0.00 USD
        hold   A -> B 60.00 h1              ok
        hold   A -> B 10.00 h2              ok
        move   B -> A 60.00 reverses=h1     reversed_moved_nothing
        post   h1 40.00 p1                  ok
        void   h2 v1                        ok
        move   B -> A 60.00 reverses=h1     reversed_moved_nothing
        move   B -> A 10.00 reverses=v1     reversed_moved_nothing
        batch
        move   B -> A 60.00 reverses=p1     reversal_is_no_mirror
        move   B -> A 40.00 reverses=p1     ok
        expect A 100.00  B 0.00
    """)
