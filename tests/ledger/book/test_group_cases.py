"""Groups: linked orders stand or fall together (cases 4, 5, 7)."""


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


def test_members_that_fell_with_a_sibling_for_the_state_of_the_book_are_bound_with_it(book):
    book.check("""
        open   A 20.00 USD
        open   B 0.00 USD
        linked A -> B 15.00  g1   linked_failed
        linked A -> B 15.00  g2   insufficient_funds
        batch
        move   A -> B 15.00  g1   exists_with_different_content
        move   A -> B 1.00   g2   exists_with_different_content
        expect A 20.00  B 0.00
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


def test_a_fault_inside_a_group_fails_the_group_and_not_its_neighbour(book):
    """Case 5: the culprit keeps its own code, and its id is free, for it was malformed."""
    book.check("""
        open   A 20.00 USD
        open   B 0.00 USD
        linked A -> B 15.00 g1         linked_failed
        linked A -> B 5.00  g2 timeout=1   timeout_only_on_holds
        move   A -> B 15.00 s1         ok
        sums   A 0.00 15.00 0.00 20.00
        linked A -> B 2.00  g1         ok
        linked A -> B 2.00  g2         ok
        expect A 1.00  B 19.00
    """)


def test_a_group_that_lacks_members_writes_nothing(book):
    """Case 7: who says how many belong to the group is told when they are not all there, on the last that is."""
    book.check("""
        open   A 20.00 USD
        open   B 0.00 USD
        linked A -> B 1.00 g1 size=3   linked_failed
        linked A -> B 1.00 g2 size=3   group_incomplete
        batch
        move   A -> B 1.00 g3 size=3   group_incomplete
        linked A -> B 1.00 g1 size=3   ok
        linked A -> B 1.00 g2 size=3   ok
        linked A -> B 1.00 g3 size=3   ok
        expect A 17.00
        move   A -> B 1.00 g3 size=3   group_incomplete   # before the resend
    """)


def test_the_culprit_of_an_incomplete_group_keeps_its_own_code(book):
    """Case 7: the last member says that the group is incomplete, whatever failed before it."""
    book.check("""
        open   A 20.00 USD
        open   B 0.00 USD
        linked A -> B 1.00  g1 size=4   linked_failed
        linked A -> A 1.00  g2 size=4   accounts_must_differ
        linked A -> B 1.00  g3 size=4   group_incomplete
        batch
        linked A -> B 1.00  g1 size=4   linked_failed
        linked A -> B 99.00 g2 size=4   insufficient_funds
        linked A -> B 1.00  g3 size=4   group_incomplete
        batch
        move   A -> B 99.00 g2          exists_with_different_content   # it was refused for good as a member
        move   A -> B 1.00  g1          exists_with_different_content
        move   A -> B 1.00  g3          ok                              # of an incomplete group, the last is not bound
        expect A 19.00  B 1.00
    """)


def test_a_group_with_holds_and_their_ends_is_undone_as_a_whole(book):
    """Case 4 for holds: what the members before the culprit held, posted or closed is as it was."""
    book.check("""
        open   A 50.00 USD
        open   B 0.00 USD
        hold   A -> B 20.00 h1           ok
        hold   A -> B 10.00 h2 linked    linked_failed
        post   h1 5.00      p1 linked    linked_failed
        close  B            linked       linked_failed
        linked B -> A 1.00  t1           debit_account_closed
        batch
        sums   A 20.00 0.00 0.00 50.00
        sums   B 0.00 0.00 20.00 0.00
        post   h1 5.00      p2           ok
        hold   A -> B 10.00 h3           ok
        sums   A 10.00 5.00 0.00 50.00
    """)


def test_a_group_that_comes_again_with_one_member_more_is_another_group(book):
    book.check("""
        open   A 20.00 USD
        open   B 0.00 USD
        linked A -> B 5.00  g1   ok
        linked A -> B 6.00  g2   ok
        batch
        linked A -> B 5.00  g1   exists_with_different_group
        linked A -> B 6.00  g2   linked_failed
        linked A -> B 1.00  g3   linked_failed
        expect A 9.00  B 11.00
    """)
