"""Precedence: of many faults an order is told the first, in the order of the codes (case 1)."""

import re
from pathlib import Path

from ledger.book.judging.results import LASTING, MALFORMED, RESENT, Result


def test_an_order_with_every_fault_is_told_one_after_the_other(book):
    """Case 1: each line has one fault less than the line before."""
    wrong = "A -> A 2^63"
    worse = "closes=debit balancing=debit timeout=-1 imported"
    book.check(f"""
        open   A 100.00 USD
        open   B 0.00 USD
        batch
        move   {wrong}     zero hold=h {worse} by=nobody across size=2              group_incomplete
        move   {wrong}     zero hold=h {worse} by=nobody across                     id_must_not_be_zero
        move   {wrong}     max  hold=h {worse} by=nobody across                     id_must_not_be_max
        move   {wrong}     t1   hold=h {worse} by=nobody across                     partner_not_found
        move   A -> A -1.00 t1  hold=h {worse} across                               amount_negative
        move   {wrong}     t1   hold=h {worse} across                               amount_overflow
        move   A -> A 1.00 t1   hold=h {worse} across                               hold_id_not_allowed
        post   nothing     t1   {worse} across                                      hold_id_required
        move   A -> A 1.00 t1   {worse} keep=-1.00 across                           closing_must_be_a_hold
        move   A -> A 1.00 t1   keep=-1.00 timeout=-1 imported                      flags_are_exclusive
        post   h 1.00      t1   balancing=debit timeout=-1                          flags_are_exclusive
        hold   A -> A 1.00 t1   reverses=h timeout=-1                               flags_are_exclusive
        move   A -> A 1.00 t1   timeout=-1 imported                                 timeout_only_on_holds
        hold   A -> A 1.00 t1   timeout=-1 imported                                 timeout_overflow
        batch
        move   A -> A 1.00 t0   on=2020-04-01                                       accounts_must_differ
        move   A -> A 1.00 t1   imported on=2020-04-01                              imported_not_mixed
        batch
        hold   A -> A 1.00 t1   imported timeout=3                                  imported_needs_effective_time
        hold   A -> A 1.00 t1   imported timeout=3 on=2020-04-01                    imported_hold_has_timeout
        hold   A -> A 1.00 t1   imported on=2020-04-01                              accounts_must_differ
        hold   A -> x 1.00 t1   imported on=2020-04-01                              effective_in_future
        hold   A -> x 1.00 t1   imported on=2018-04-01                              effective_too_early
        move   A -> B 0.00 i1   imported on=2020-02-01                              ok
        hold   y -> x 1.00 t1   imported on=2020-01-31                              imported_must_not_regress
        hold   y -> x 1.00 t1   imported on=2020-02-01                              debit_account_not_found
        hold   A -> A 1.00 t1   imported timeout=3 on=2020-04-01                    exists_with_different_content
        hold   y -> x 1.00 t1   imported on=2020-02-01                              id_already_failed
    """)


def test_what_the_book_has_against_an_order_is_told_in_order_as_well(book):
    """Case 1, from the accounts to the limits; each line has one fault less than the line before."""
    book.check("""
        open   A 1.00 USD
        open   B 0.00 USD unlimited
        open   E 0.00 EUR unlimited
        open   R 0.00 USD of=rival
        move   world-USD -> B 92233720368547750.00     ok
        hold   B -> A 0.00 c closes=credit             ok
        hold   E -> world-EUR 0.00 e closes=debit      ok
        freeze E
        freeze A
        freeze B
        period 2020-02-29
        move   R -> x 92233720368547758.07 on=2020-02-01                   debit_account_not_found
        move   E -> R 92233720368547758.07 on=2020-02-01                   credit_account_not_found
        move   E -> A 92233720368547758.07 on=2020-02-01 reverses=none     currency_mismatch
        move   B -> A 92233720368547758.07 on=2020-02-01 reverses=none     reversed_not_found
        hold   world-USD -> A 92233720368547758.07 on=2020-02-01           credit_account_closed
        hold   A -> B 92233720368547758.07 on=2020-02-01                   debit_account_closed
        void   c                                                           ok
        hold   A -> B 92233720368547758.07 on=2020-02-01                   debit_account_frozen
        thaw   A
        hold   A -> B 92233720368547758.07 on=2020-02-01                   credit_account_frozen
        thaw   B
        hold   A -> B 92233720368547758.07 on=2020-02-01                   period_closed
        move   A -> B 92233720368547758.07 debit.posted>=999.00            balance_overflow
        hold   A -> B 92233720368547758.07 debit.posted>=999.00            total_overflow
        hold   A -> B 5.00 debit.posted>=999.00                            insufficient_funds
        move   A -> B 0.50 debit.posted>=999.00                            condition_failed
        move   A -> B 0.50                                                 ok
    """)


def test_pending_sums_overflow_with_a_code_of_their_own(book):
    """Case 8: pending, posted, and both together each have their bound."""
    book.check("""
        open   A 0.00 USD unlimited
        open   B 0.00 USD unlimited
        open   C 0.00 USD unlimited
        open   D 0.00 USD unlimited
        hold   A -> B 92233720368547758.07 h1   ok
        hold   A -> C 0.01                      pending_overflow
        hold   C -> B 0.01                      pending_overflow
        move   A -> C 0.01                      total_overflow
        move   C -> B 0.01                      total_overflow
        post   h1                               ok
        move   A -> C 0.01                      balance_overflow
        hold   A -> C 0.01                      total_overflow
        move   D -> C 2^63                      amount_overflow
        expect B 92233720368547758.07
    """)


def test_every_code_belongs_to_one_class_and_the_classes_stand_in_order():
    """Case 1: the enumeration itself is the precedence that the guide states."""
    order = list(Result)
    first_malformed, first_lasting = (
        order.index(Result.ID_MUST_NOT_BE_ZERO),
        order.index(Result.DEBIT_ACCOUNT_NOT_FOUND),
    )

    assert set(order[first_malformed:first_lasting]) == MALFORMED
    assert set(order[first_lasting:]) == LASTING
    assert order[:3] == [Result.CREATED, Result.LINKED_FAILED, Result.GROUP_INCOMPLETE]
    assert all(code.startswith("exists") for code in order[3 : first_malformed - 1])
    assert order[first_malformed - 1] is Result.ID_ALREADY_FAILED


def test_the_guide_lists_exactly_the_codes_in_their_order():
    guide = (Path(__file__).parents[3] / "docs" / "guides" / "ledger.md").read_text()
    section = guide.split("## Result codes")[1].split("\n## ")[0]
    rows = re.findall(r"^\| `(\w+)` \| .+ \| (yes|no|earlier) \|$", section, re.MULTILINE)

    assert [code for code, _ in rows] == [str(result) for result in Result]
    recorded = {"yes": LASTING | {Result.CREATED}, "earlier": RESENT}
    for answer, codes in recorded.items():
        assert {code for code, said in rows if said == answer} == codes
