"""Idempotency: an id that is known is compared, never judged again (cases 2, 3)."""


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


def test_every_field_of_a_resend_is_compared_in_the_order_of_the_codes(book):
    """Case 2: each line differs from t1 in one thing more, taken from the last to the first."""
    book.check("""
        open   A 100.00 USD
        open   B 0.00 USD
        open   C 0.00 USD
        move   A -> B 5.00 t1 code=pay on=2020-02-01 ref=r counterparty=s1.c tags=x  ok
        batch
        move   A -> B 5.00 t1 code=pay on=2020-02-01 ref=r counterparty=s1.c tags=x  exists
        move   A -> B 5.00 t1 code=pay on=2020-02-01 ref=r counterparty=s1.c tags=y  exists_with_different_tags
        move   A -> B 5.00 t1 code=pay on=2020-02-01 ref=r counterparty=s1.d         exists_with_different_counterparty
        move   A -> B 5.00 t1 code=pay on=2020-02-01 ref=s counterparty=s1.d         exists_with_different_reference
        linked A -> B 5.00 t1 code=pay on=2020-02-01 ref=s                        exists_with_different_group
        move   A -> B 5.00 t1 code=pay on=2020-02-02 ref=s                        exists_with_different_effective_time
        move   A -> B 5.00 t1 code=pay               by=rival                     exists_with_different_partner
        move   A -> B 5.00 t1 code=fee               by=rival                     exists_with_different_code
        move   A -> B 5.00 t1 code=fee currency=EUR  by=rival                     exists_with_different_currency
        move   A -> B 6.00 t1 code=fee currency=EUR  by=rival                     exists_with_different_amount
        move   A -> C 6.00 t1 code=fee currency=EUR  by=rival                     exists_with_different_credit_account
        move   C -> A 6.00 t1 code=fee currency=EUR  by=rival                     exists_with_different_debit_account
        move   C -> A 6.00 t1 code=fee timeout=5     by=rival                     exists_with_different_timeout
        move   C -> A 6.00 t1 code=fee timeout=5     hold=h1                      exists_with_different_hold
        hold   C -> A 6.00 t1 code=fee timeout=5     hold=h1                      exists_with_different_flags
        expect A 95.00  B 5.00  C 0.00
    """)


def test_a_resend_of_a_hold_and_of_its_end_may_leave_open_what_the_hold_says(book):
    """Case 2 for holds: what a post or void inherits is not compared where it is left open."""
    book.check("""
        open   A 100.00 USD
        open   B 0.00 USD
        open   C 0.00 USD
        hold   A -> B 60.00 h1 timeout=9        ok
        hold   A -> B 60.00 h1 timeout=9        exists
        hold   A -> B 60.00 h1 timeout=8        exists_with_different_timeout
        hold   A -> B 10.00 h2                  ok
        post   h1 40.00 p1                      ok
        post   h2       p2                      ok
        batch
        hold   A -> B 60.00 h1 timeout=9        exists
        hold   A -> B 60.00 h1 timeout=8        exists_with_different_timeout
        post   h1 40.00 p1                      exists
        post   h1 40.00 p1 debit=A credit=B currency=USD code=test   exists
        post   h1 40.00 p1 debit=C              exists_with_different_debit_account
        post   h1 40.00 p1 code=fee             exists_with_different_code
        post   h1       p1                      exists_with_different_amount
        post   h2 40.00 p1                      exists_with_different_hold
        void   h1       p1                      exists_with_different_flags
        post   h2       p2                      exists
        post   h2 10.00 p2                      exists
        expect A 50.00  B 50.00
    """)


def test_a_failed_id_stays_failed_and_a_new_one_passes(book):
    """Case 3: only refusals that depend on the state of the book take their id."""
    book.check("""
        open   A 0.00 USD
        open   B 50.00 USD
        open   E 1.00 EUR
        move   A -> B 10.00 t1        insufficient_funds
        move   A -> nobody 1.00 t2    credit_account_not_found
        move   A -> E 0.00 t3         currency_mismatch
        post   nowhere t4             hold_not_found
        move   B -> A 0.01 t5 timeout=1   timeout_only_on_holds
        batch
        move   B -> A 20.00           ok
        move   A -> B 10.00 t1        id_already_failed
        move   A -> B 11.00 t1        exists_with_different_content
        move   A -> nobody 1.00 t2    id_already_failed
        move   A -> B 1.00 t2         exists_with_different_content
        move   A -> B 1.00 t3         exists_with_different_content
        move   A -> B 1.00 t4         exists_with_different_content
        post   nowhere t4             id_already_failed
        move   A -> B 1.00 t5         ok
        move   A -> B 10.00 t6        ok
        expect A 9.00  B 41.00
    """)


def test_a_refused_id_is_bound_to_everything_that_was_asked_for(book):
    """Each line differs from the refused t1, t2 or t3 in one thing."""
    book.check("""
        open   A 0.00 USD
        open   B 50.00 USD
        move   A -> B 5.00 t1 code=pay on=2020-02-01 ref=r tags=x       insufficient_funds
        upto   A -> B 5.00 t2 keep=1.00 debit.posted>=1.00              condition_failed
        move   A -> B 5.00 t3 counterparty=s1.c                         insufficient_funds
        move   world-USD -> A 100.00                                    ok
        batch
        move   A -> B 5.00 t1 code=pay on=2020-02-01 ref=r tags=x       id_already_failed
        hold   A -> B 5.00 t1 code=pay on=2020-02-01 ref=r tags=x       exists_with_different_content
        move   B -> A 5.00 t1 code=pay on=2020-02-01 ref=r tags=x       exists_with_different_content
        move   A -> B 4.00 t1 code=pay on=2020-02-01 ref=r tags=x       exists_with_different_content
        move   A -> B 5.00 t1 code=pay on=2020-02-01 ref=r tags=y       exists_with_different_content
        move   A -> B 5.00 t1 code=pay on=2020-02-01 ref=s tags=x       exists_with_different_content
        move   A -> B 5.00 t1 code=pay on=2020-02-02 ref=r tags=x       exists_with_different_content
        move   A -> B 5.00 t1 code=fee on=2020-02-01 ref=r tags=x       exists_with_different_content
        linked A -> B 5.00 t1 code=pay on=2020-02-01 ref=r tags=x       exists_with_different_content
        move   A -> B 5.00 t1 code=pay on=2020-02-01 ref=r tags=x debit.posted>=0.00  exists_with_different_content
        upto   A -> B 5.00 t2 keep=1.00 debit.posted>=1.00              id_already_failed
        upto   A -> B 5.00 t2 keep=2.00 debit.posted>=1.00              exists_with_different_content
        upto   A -> B 5.00 t2 keep=1.00 debit.posted>=2.00              exists_with_different_content
        upto   A -> B 5.00 t2 keep=1.00 debit.posted>=1.00 side=both    exists_with_different_content
        upto   A -> B 5.00 t2 keep=1.00                                 exists_with_different_content
        move   A -> B 5.00 t3 counterparty=s1.c                         id_already_failed
        move   A -> B 5.00 t3 counterparty=s1.d                         exists_with_different_content
        move   A -> B 5.00 t3                                           exists_with_different_content
        expect A 100.00  B 50.00
    """)


def test_a_resend_is_bound_to_conditions_and_to_what_is_kept(book):
    book.check("""
        open   A 100.00 USD
        open   B 0.00 USD
        move   A -> B 5.00 t1                                         ok
        move   A -> B 5.00 t2 debit.posted>=1.00                      ok
        upto   A -> B 5.00 t3 keep=1.00                               ok
        hold   A -> B 5.00 h1                                         ok
        post   h1 p1 debit.posted>=1.00                               ok
        move   A -> B 5.00 t2 debit.posted>=2.00                      exists_with_different_content
        batch
        move   A -> B 5.00 t1                                         exists
        move   A -> B 5.00 t1 debit.posted>=1.00                      exists_with_different_content
        move   A -> B 5.00 t2 debit.posted>=1.00                      exists
        move   A -> B 5.00 t2 debit.posted>=1.01                      exists_with_different_content
        move   A -> B 5.00 t2 debit.posted>=1.00 credit.posted>=1.00  exists_with_different_content
        move   A -> B 5.00 t2                                         exists_with_different_content
        upto   A -> B 5.00 t3 keep=1.00                               exists
        upto   A -> B 5.00 t3 keep=2.00                               exists_with_different_content
        upto   A -> B 6.00 t3 keep=1.00                               exists_with_different_content
        post   h1 p1 debit.posted>=1.00                               exists
        post   h1 p1                                                  exists_with_different_content
        expect A 80.00  B 20.00
    """)


def test_a_group_that_was_refused_binds_the_ids_of_all_its_members(book):
    """Whichever member is the culprit, no part of the group moves money later, and the group gets its first answer."""
    book.check("""
        open   A 10.00 USD
        open   B 0.00 USD
        linked A -> B 1.00  g1 group=g        linked_failed
        linked A -> B 50.00 g2 group=g        insufficient_funds
        linked A -> B 2.00  g3 group=g        linked_failed
        move   world-USD -> A 100.00  ok
        batch
        linked A -> B 1.00  g1 group=g        linked_failed
        linked A -> B 50.00 g2 group=g        id_already_failed
        linked A -> B 2.00  g3 group=g        linked_failed
        batch
        move   A -> B 1.00  g1        exists_with_different_content
        move   A -> B 2.00  g3        exists_with_different_content
        batch
        linked A -> B 1.00  g1 group=g        linked_failed
        linked A -> B 3.00  new group=g       exists_with_different_group
        batch
        linked A -> B 1.01  g1 group=g        exists_with_different_content
        linked A -> B 50.00 g2 group=g        linked_failed
        batch
        move   A -> B 3.00  new       ok
        expect A 107.00  B 3.00
    """)
