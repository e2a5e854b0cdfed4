"""Limits, credit lines and conditions (cases 6, 13, 14, 15)."""


def test_a_debit_beyond_the_credits_is_refused_and_changes_nothing(book):
    book.check("""
        open   A 100.00 USD
        open   B 0.00 USD
        move   A -> B 100.01  t1   insufficient_funds
        expect A 100.00  B 0.00
        move   A -> B 100.00  t2   ok
        expect A 0.00  B 100.00
    """)


def test_a_credit_beyond_the_debits_is_refused_where_the_account_says_so(book):
    book.check("""
        open   A 100.00 USD
        open   D 0.00 USD mirrored
        move   A -> D 1.00   t1   exceeds_debits
        move   D -> A 5.00   t2   ok
        move   A -> D 5.00   t3   ok
        expect A 100.00  D 0.00
    """)


def test_of_many_equal_orders_exactly_the_covered_ones_pass(book):
    lines = "\n".join(f"move A -> B 1.00 n{i} {'ok' if i < 16 else 'insufficient_funds'}" for i in range(500))
    more = "\n".join(f"move A -> B 1.00 m{i} {'ok' if i == 0 else 'insufficient_funds'}" for i in range(500))
    book.check(f"""
        open   A 16.00 USD
        open   B 0.00 USD
        open   C 1.00 USD
        {lines}
        move   C -> A 1.00  refill  ok
        {more}
        expect A 0.00  B 17.00  C 0.00
    """)


def test_holds_reserve_and_what_is_pending_cannot_be_spent(book):
    """Case 13: a hold is judged like a debit, and pending credits are nobody's yet."""
    book.check("""
        open   A 100.00 USD
        open   B 0.00 USD
        open   C 0.00 USD
        move   A -> B 70.00      ok
        hold   A -> C 50.00 h1   insufficient_funds
        hold   A -> C 30.00 h2   ok
        move   A -> B 1.00       insufficient_funds
        sums   A 30.00 70.00 0.00 100.00
        sums   C 0.00 0.00 30.00 0.00
        move   C -> B 1.00       insufficient_funds
        available A 0.00  C 0.00  B 70.00
        pending   A 30.00 C 0.00
    """)


def test_of_six_holds_of_a_fifth_exactly_five_stand(book):
    """Case 14 in one batch; test_posting races them from six threads."""
    book.check("""
        open   A 5000.00 USD
        open   B 0.00 USD
        hold   A -> B 1000.00 h1   ok
        hold   A -> B 1000.00 h2   ok
        hold   A -> B 1000.00 h3   ok
        hold   A -> B 1000.00 h4   ok
        hold   A -> B 1000.00 h5   ok
        hold   A -> B 1000.00 h6   insufficient_funds
        available A 0.00
        expect    A 5000.00
    """)


def test_a_credit_line_ends_at_its_last_cent(book):
    """Case 15: 0.29 is twenty-nine cents, in every layer."""
    book.check("""
        open   A 0.00 USD line=10.00
        open   B 0.00 USD line=0.29
        open   C 0.00 USD
        move   A -> C 10.01   insufficient_funds
        move   A -> C 10.00   ok
        move   A -> C 0.01    insufficient_funds
        move   B -> C 0.30    insufficient_funds
        move   B -> C 0.29    ok
        expect    A -10.00  B -0.29  C 10.29
        available A 0.00    B 0.00   C 10.29
    """)


def test_new_terms_hold_from_their_position_on(book):
    book.check("""
        open   A 0.00 USD
        open   B 0.00 USD
        move   A -> B 5.00 t1   insufficient_funds
        terms  A line=5.00
        move   A -> B 5.00 t2   ok
        move   A -> B 0.01 t3   insufficient_funds
        terms  A line=0.00      # what is drawn stays drawn, and no more is
        move   A -> B 0.00 t4   insufficient_funds
        move   B -> A 1.00 t5   ok
        terms  A unlimited
        move   A -> B 9.00 t6   ok
        expect A -13.00  B 13.00
    """)


def test_pending_debits_do_not_make_room_for_credits(book):
    """Case 13 on the other side: credits within debits."""
    book.check("""
        open   A 100.00 USD
        open   D 0.00 USD mirrored debit
        hold   D -> A 5.00 h1   ok
        move   A -> D 5.00      exceeds_debits
        post   h1               ok
        hold   A -> D 3.00 h2   ok
        move   A -> D 3.00      exceeds_debits
        move   A -> D 2.00      ok
        expect D 3.00  A 103.00
        available D 0.00
    """)


def test_the_operator_may_force_a_transfer_past_limits_and_leaves_a_mark(book):
    book.check("""
        open   A 1.00 USD
        open   B 0.00 USD
        move   A -> B 5.00 t1 debit.posted>=0.00          insufficient_funds
        move   A -> B 5.00 t2 debit.posted>=0.00 forced   ok
        move   A -> B 5.00 t2 debit.posted>=0.00          exists_with_different_flags
        move   A -> B 1.00 t3                             insufficient_funds
        expect A -4.00  B 5.00
    """)


def test_a_condition_is_judged_after_its_order_is_done(book):
    book.check("""
        open   A 100.00 USD
        open   B 0.00 USD
        hold   A -> B 20.00 h1                            ok
        move   A -> B 10.00 t1 debit.available>=70.01     condition_failed
        move   A -> B 10.00 t2 debit.available>=70.00     ok
        move   A -> B 10.00 t3 credit.posted<=19.99       condition_failed
        move   A -> B 10.00 t4 credit.posted<=20.00       ok
        post   h1 p1 debit.pending<=0.00                  ok
        batch
        move   A -> B 10.00 t1 debit.available>=70.01     id_already_failed
        move   A -> B 10.00 t1                            exists_with_different_content
        sums   A 0.00 40.00 0.00 100.00
        linked A -> B 10.00 g1                            linked_failed
        linked A -> B 10.00 g2 debit.available>=50.00     condition_failed
        expect A 60.00
    """)
