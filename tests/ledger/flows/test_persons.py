"""Persons are told apart by their references, and not by how those are spelt."""

from typing import Final

import pytest

from ledger.kernel.errors import IdempotencyConflict, InvalidInput
from ledger.kernel.sql import table
from ledger.kernel.work import Reader, begin
from ledger.personal_data.customers import CustomerOrder, register_customers
from ledger.personal_data.persons import normalised, person_ids
from ledger.personal_data.registration import persons_named
from ledger.tenancy.books import open_book
from ledger.tenancy.partners import PartnerOrder, register_partners
from ledger.tenancy.records import Customer, PersonId, Vertical
from ledger.vault.vault import Vault
from tests.conftest import KEYRINGS

_CUSTOMERS: Final = table(Customer)

SPELLINGS = [
    ("Ann@x", "ann@x"),
    (" ann@x ", "ann@x"),
    ("\N{NO-BREAK SPACE}ann@x", "ann@x"),
    ("ann\N{ZERO WIDTH JOINER}@x", "ann@x"),
    ("ａｎｎ＠ｘ", "ann@x"),  # noqa: RUF001  # full width, as Japanese keyboards write it
    ("Zoe\N{COMBINING DIAERESIS}", "zo\N{LATIN SMALL LETTER E WITH DIAERESIS}"),
    ("STRASSE", "stra\N{LATIN SMALL LETTER SHARP S}e"),
    ("\N{LATIN SMALL LIGATURE FI}na", "FINA"),
]


@pytest.fixture
def vault(engine):
    return Vault(engine, KEYRINGS)


@pytest.fixture
def shops(engine):
    """A book with two partners, by their names."""
    with begin(engine, actor="test") as work:
        book_id = open_book(work, name="programme", jurisdiction="US", currency="USD")
        orders = [PartnerOrder(ref, ref, Vertical.RETAIL) for ref in ("one", "two")]
        return book_id, register_partners(work, book_id, orders)


def register(engine, vault, shops, *customers: tuple[str, str, str | None]) -> dict[str, PersonId]:
    """The person of each customer who is asked for as partner, customer and personRef."""
    book_id, partners = shops
    orders = []
    for partner, customer, person in customers:
        ids = None if person is None else person_ids(vault, book_id, person)
        orders.append(CustomerOrder(partners[partner], ids and ids.person_id, customer, ids and ids.earlier_id))
    with begin(engine, actor="test") as work:
        by_key = register_customers(work, vault, book_id, orders)
        persons = dict(
            work.connection.execute(_CUSTOMERS.select().with_only_columns(*(_CUSTOMERS.c[n] for n in NAMES))).all()
        )
    return {customer: persons[by_key[partners[partner], customer]] for partner, customer, _ in customers}


NAMES = ("customer_id", "person_id")


@pytest.mark.parametrize(("one", "other"), SPELLINGS)
def test_spellings_of_one_reference_are_one_person(vault, shops, one, other):
    book_id, _ = shops

    assert normalised(one) == normalised(other)
    assert person_ids(vault, book_id, one).person_id == person_ids(vault, book_id, other).person_id


@pytest.mark.parametrize(
    ("one", "other"), [("ann@x", "ann@y"), ("ann", "a nn"), ("jose", "jos\N{LATIN SMALL LETTER E WITH ACUTE}")]
)
def test_other_references_are_other_persons(one, other):
    assert normalised(one) != normalised(other)


@pytest.mark.parametrize("blank", ["", "  ", "\N{NO-BREAK SPACE}", "\N{ZERO WIDTH JOINER}"])
def test_a_blank_reference_names_nobody(vault, shops, blank):
    with pytest.raises(InvalidInput, match="blank; leave it out"):
        person_ids(vault, shops[0], blank)


def test_one_person_is_one_at_all_partners_however_each_spells_the_reference(engine, vault, shops):
    persons = register(engine, vault, shops, ("one", "c1", "Ann@x"), ("two", "c2", "ann@x "), ("two", "c3", "bob@x"))

    assert persons["c1"] == persons["c2"] != persons["c3"]


def test_a_person_whom_an_earlier_version_registered_stays_who_they_are(engine, vault, shops):
    book_id, partners = shops
    earlier = PersonId(vault.derived_id(book_id, "person", "Ann@x"))  # as it was spelt
    with begin(engine, actor="test") as work:
        register_customers(work, vault, book_id, [CustomerOrder(partners["one"], earlier, "c1")])

    again = register(engine, vault, shops, ("one", "c1", "Ann@x"), ("two", "c2", "Ann@x"))

    assert again == {"c1": earlier, "c2": earlier}
    with pytest.raises(IdempotencyConflict, match="with another person"):
        register(engine, vault, shops, ("one", "c1", "bob@x"))


def test_customers_without_a_person_reference_are_counted_in_the_callers_scope(engine, vault, shops):
    book_id, partners = shops
    register(engine, vault, shops, ("one", "c1", "ann"), ("one", "c2", None), ("two", "c3", None), ("two", "c4", "ann"))

    with engine.connect() as connection:
        everybody = persons_named(Reader(connection), book_id)
        own = persons_named(Reader(connection, partners["one"]), book_id)

    assert (everybody.customers, everybody.without_person_ref) == (4, 2)
    assert everybody.share == "2 of 4 customers without a personRef (50 %)"
    assert (own.customers, own.without_person_ref) == (2, 1)
