"""What becomes of transfers, as tables that an accountant can read."""


def test_a_transfer_moves_money(book):
    book.check("""
        open   A 100.00 USD
        open   B 0.00 USD
        move   A -> B 60.00  t1   ok
        expect A 40.00  B 60.00   world-USD -100.00
    """)


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


def test_a_resend_is_recognised_and_changes_nothing(book):
    book.check("""
        open   A 100.00 USD
        open   B 0.00 USD
        move   A -> B 60.00  t1   ok
        batch
        move   A -> B 60.00  t1   exists
        expect A 40.00  B 60.00
    """)


def test_a_resend_in_the_same_batch_is_recognised(book):
    book.check("""
        open   A 100.00 USD
        open   B 0.00 USD
        move   A -> B 60.00  t1   ok
        move   A -> B 60.00  t1   exists
        move   A -> B 61.00  t1   exists_with_different_amount
        expect A 40.00  B 60.00
    """)


def test_a_resend_with_other_content_is_named_for_the_first_thing_that_differs(book):
    book.check("""
        open   A 100.00 USD
        open   B 0.00 USD
        open   C 10.00 USD
        move   A -> B 60.00  t1          ok
        batch
        move   C -> B 61.00  t1          exists_with_different_debit_account
        move   A -> C 61.00  t1          exists_with_different_credit_account
        move   A -> B 61.00  t1          exists_with_different_amount
        move   A -> B 60.00  t1 currency=EUR   exists_with_different_currency
        move   A -> B 60.00  t1 code=fee ref=x exists_with_different_code
        move   A -> B 60.00  t1 ref=x    exists_with_different_reference
        linked A -> B 60.00  t1          exists_with_different_group
        expect A 40.00  B 60.00  C 10.00
    """)


def test_a_refusal_that_depends_on_the_state_stays_under_its_id(book):
    book.check("""
        open   A 0.00 USD
        open   B 50.00 USD
        move   A -> B 10.00  t1   insufficient_funds
        batch
        move   B -> A 20.00  t2   ok
        move   A -> B 10.00  t1   id_already_failed
        move   A -> B 10.00  t3   ok
    """)


def test_a_malformed_order_leaves_its_id_free(book):
    book.check("""
        open   A 100.00 USD
        open   B 0.00 USD
        move   A -> A 10.00  t1   accounts_must_differ
        move   A -> B -1.00  t1   amount_negative
        move   A -> B 10.00  t1   ok
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


def test_a_group_stands_or_falls_as_one(book):
    book.check("""
        open   A 20.00 USD
        open   B 0.00 USD
        open   C 0.00 USD
        linked A -> B 15.00  g1   linked_failed
        linked A -> C 15.00  g2   insufficient_funds
        linked A -> C 1.00   g3   linked_failed
        move   A -> C 15.00  s1   ok
        expect A 5.00  B 0.00  C 15.00
    """)


def test_members_that_fell_with_a_sibling_keep_their_ids(book):
    book.check("""
        open   A 20.00 USD
        open   B 0.00 USD
        linked A -> B 15.00  g1   linked_failed
        linked A -> B 15.00  g2   insufficient_funds
        batch
        move   A -> B 15.00  g1   ok
        move   A -> B 1.00   g2   id_already_failed
    """)


def test_a_copy_of_a_group_that_arrives_beside_it_is_recognised(book):
    book.check("""
        open   A 20.00 USD
        open   B 0.00 USD
        linked A -> B 5.00  g1   ok
        linked A -> B 6.00  g2   ok
        linked A -> B 5.00  g1   exists
        linked A -> B 6.00  g2   exists
        expect A 9.00  B 11.00
    """)


def test_a_group_may_use_money_that_it_brings_itself(book):
    book.check("""
        open   A 20.00 USD
        open   B 0.00 USD
        open   C 0.00 USD
        linked A -> B 20.00  g1   ok
        linked B -> C 20.00  g2   ok
        expect A 0.00  B 0.00  C 20.00
    """)


def test_accounts_of_two_currencies_do_not_meet(book):
    book.check("""
        open   A 20.00 USD
        open   E 20.00 EUR
        move   A -> E 5.00 t1                currency_mismatch
        move   A -> world-USD 5.00 t2 currency=EUR currency_mismatch
        expect A 20.00  E 20.00
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
