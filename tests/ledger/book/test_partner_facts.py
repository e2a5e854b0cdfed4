"""The facts that a partner sees by position, and the partners that see any fact of a range."""

from itertools import product
from uuid import UUID

import pytest

from ledger.flows.partner_facts import FactFilter, FactKind, partner_facts, partners_seeing
from ledger.kernel.work import read
from tests.partner_readers import read_as

ALL = frozenset(FactKind)
NOBODY = UUID(int=0)
LINES = """
    open A 100.00 USD
    open B 0.00 USD
    open R 50.00 USD of=rival
    move A -> B 60.00 t1 ok
    watch m1 A available below 30.00
    move A -> B 20.00 t2 ok
    move A -> R 10.00 t3 across ok
    move A -> B 90.00 t4 insufficient_funds
    hold B -> A 5.00 h1 ok
    void h1 ok
    freeze A debits
"""


def _facts(book, partner, kinds=ALL, accounts="AB", **page):
    wanted = FactFilter(kinds, [book.account_id(each) for each in accounts])
    with read_as(book.engine, partner) as reader:
        found = partner_facts(reader, book.book_id, wanted, **{"after": 0, "limit": 1_000} | page)
    return [each._replace(cause_id=each.cause_id or NOBODY) for each in found]  # so that they can be sorted


@pytest.fixture
def busy(book):
    book.check(LINES)
    return book


def test_a_partner_sees_its_facts_once_in_order_and_no_others(busy):
    shop, rival = (busy.orders.partners[each] for each in ("shop", "rival"))
    own = _facts(busy, shop)
    kinds = [each.kind for each in own if each.kind is not FactKind.BALANCE]
    theirs = _facts(busy, rival, ALL - {FactKind.BALANCE})

    assert [each.seq for each in own] == sorted(each.seq for each in own)
    assert len({(each.seq, each.object_id, each.kind) for each in own}) == len(own)
    assert {each.kind for each in own} == ALL - {FactKind.CUSTOMER, FactKind.TEMPLATE, FactKind.METADATA}
    assert kinds.count(FactKind.TRANSFER) == 2 + 5
    assert {each.seq for each in own if each.kind is not FactKind.BALANCE}.isdisjoint(each.seq for each in theirs)
    assert _facts(busy, rival, {FactKind.BALANCE}) == []


def test_a_transfer_of_another_partner_and_new_terms_change_a_balance(busy):
    shop, rival = (busy.orders.partners[each] for each in ("shop", "rival"))
    terms = _facts(busy, shop, {FactKind.TERMS})[-1]

    assert len(_facts(busy, rival, {FactKind.BALANCE}, "R")) == 2
    assert _facts(busy, rival, {FactKind.TRANSFER}) == []
    assert _facts(busy, shop, {FactKind.BALANCE}, "A")[-1].seq == terms.seq


def test_pages_from_any_position_have_every_fact_once(busy):
    shop = busy.orders.partners["shop"]
    whole = _facts(busy, shop)
    for start, limit in product((0, *(each.seq for each in whole[::3])), (1, 2, 5)):
        found, after = [], start
        while page := _facts(busy, shop, after=after, limit=limit):
            found += page
            after = page[-1].seq

        assert sorted(found) == sorted(each for each in whole if each.seq > start)


def test_the_partners_that_see_a_range_are_those_with_facts_in_it(busy):
    partners = busy.orders.partners
    seen = {name: {each.seq for each in _facts(busy, partners[name], accounts=own)} for name, own in _OWN.items()}
    with read(busy.engine) as reader:
        for seq in range(1, max(seen["shop"]) + 1):
            found = partners_seeing(reader, busy.book_id, after=seq - 1, upto=seq)

            assert found & {partners[name] for name in _OWN} == {partners[name] for name in _OWN if seq in seen[name]}


_OWN = {"shop": "AB", "rival": "R"}
