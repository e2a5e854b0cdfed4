"""Partners, customers and keys: registered once, recognised afterwards, refused when they change their story."""

from uuid import UUID

import pytest

from ledger.kernel.errors import IdempotencyConflict, InvalidInput, NotFound
from ledger.kernel.work import begin, read
from ledger.personal_data.customers import CustomerOrder, register_customers
from ledger.tenancy.api_keys import authenticate, issue, key_id_of, revoke
from ledger.tenancy.books import book_named, open_book
from ledger.tenancy.partners import PartnerOrder, partner, register_partners
from ledger.tenancy.records import PersonId, Vertical
from tests.partner_readers import read_as

SHOP = PartnerOrder("shop", "Shop", Vertical.RETAIL)
RIDES = PartnerOrder("rides", "Rides", Vertical.MOBILITY)
ANNA, BEN = PersonId(UUID(int=1)), PersonId(UUID(int=2))
PEPPER = b"pepper"


@pytest.fixture
def book_id(engine):
    with begin(engine, actor="test") as work:
        return open_book(work, name="test", jurisdiction="US", currency="USD")


@pytest.fixture
def shop_id(engine, book_id):
    with begin(engine, actor="test") as work:
        return register_partners(work, book_id, [SHOP])["shop"]


def test_a_partner_registered_again_keeps_its_id_and_new_ones_join(engine, book_id, shop_id):
    with begin(engine, actor="test") as work:
        ids = register_partners(work, book_id, [SHOP, RIDES, RIDES])

    assert ids["shop"] == shop_id
    assert set(ids) == {"shop", "rides"}
    with read(engine) as reader:
        assert partner(reader, book_id, shop_id).name == "Shop"


@pytest.mark.usefixtures("shop_id")
def test_a_partner_that_changes_its_story_is_refused(engine, book_id):
    with pytest.raises(IdempotencyConflict, match="registered as Shop in retail"), begin(engine, actor="t") as work:
        register_partners(work, book_id, [SHOP._replace(vertical=Vertical.SOFTWARE)])


def test_a_malformed_partner_reference_is_refused(engine, book_id):
    with pytest.raises(InvalidInput, match="lower-case letters"), begin(engine, actor="test") as work:
        register_partners(work, book_id, [SHOP._replace(external_ref="The Shop")])


def test_one_person_may_be_a_customer_of_two_partners_under_two_ids(engine, vault, book_id, shop_id):
    with begin(engine, actor="test") as work:
        rides_id = register_partners(work, book_id, [RIDES])["rides"]
        orders = [CustomerOrder(shop_id, ANNA, "c-1"), CustomerOrder(rides_id, ANNA, "c-1")]
        ids = register_customers(work, vault, book_id, orders)
        again = register_customers(work, vault, book_id, orders)

    assert ids == again
    assert len(set(ids.values())) == 2


def test_a_customer_with_another_person_behind_it_is_refused(engine, vault, book_id, shop_id):
    with begin(engine, actor="test") as work:
        register_customers(work, vault, book_id, [CustomerOrder(shop_id, ANNA, "c-1")])
    with pytest.raises(IdempotencyConflict, match="another person"), begin(engine, actor="test") as work:
        register_customers(work, vault, book_id, [CustomerOrder(shop_id, BEN, "c-1")])


def test_a_reader_of_another_partner_does_not_see_it(engine, book_id, shop_id):
    with begin(engine, actor="test") as work:
        rides_id = register_partners(work, book_id, [RIDES])["rides"]

    with read_as(engine, rides_id) as reader:
        assert partner(reader, book_id, shop_id) is None
        assert partner(reader, book_id, rides_id).name == "Rides"


def test_a_key_speaks_for_its_partner_until_it_is_revoked(engine, book_id, shop_id):
    with begin(engine, actor="test") as work:
        text = issue(work, book_id, shop_id, pepper=PEPPER, scopes="read")

    wrong = [text[:-1] + ("A" if text[-1] != "A" else "B"), text.upper(), "", "cdk_x", text + "=", " " + text]
    principal = _asked(engine, text)

    assert (principal.partner_id, principal.scopes) == (shop_id, frozenset({"read"}))
    assert [_asked(engine, candidate) for candidate in wrong] == [None] * len(wrong)
    assert _asked(engine, text, pepper=b"another") is None

    with begin(engine, actor="test") as work:
        revoke(work, principal.api_key_id)
    assert _asked(engine, text) is None


def test_issue_and_revocation_of_a_key_are_facts_with_who_and_why(engine, book_id, shop_id):
    with begin(engine, actor="operator:ann") as work:
        text = issue(work, book_id, shop_id, pepper=PEPPER, scopes="read", reason="for the dashboard")
    with begin(engine, actor="operator:bob") as work:
        assert revoke(work, key_id_of(text), reason="lost")
        assert not revoke(work, key_id_of(text))

    with engine.connect() as connection:
        grants = connection.exec_driver_sql("SELECT * FROM api_key_grants ORDER BY seq").all()
    assert [(each.partner_id, each.scopes, each.actor, each.reason) for each in grants] == [
        (shop_id, "read", "operator:ann", "for the dashboard"),
        (shop_id, "read", "operator:bob", "lost"),
    ]
    assert (grants[0].revoked_at, grants[1].revoked_at) == (None, grants[1].recorded_at)
    assert {each.api_key_id for each in grants} == {key_id_of(text)}


def test_a_key_without_a_reason_is_refused(engine, book_id, shop_id):
    with begin(engine, actor="test") as work, pytest.raises(InvalidInput, match="say why"):
        issue(work, book_id, shop_id, pepper=PEPPER, reason=" ")


def test_the_opening_of_a_book_is_its_first_fact(engine, book_id):
    with engine.connect() as connection:
        opening = connection.exec_driver_sql("SELECT * FROM book_openings").one()

    assert (opening.book_id, opening.seq, opening.actor) == (book_id, 1, "test")
    assert (opening.jurisdiction, opening.currency, opening.opened_at) == ("US", "USD", opening.recorded_at)


def _asked(engine, text, pepper=PEPPER):
    with read(engine) as reader:
        return authenticate(reader.connection, text, pepper=pepper)


def test_the_key_itself_is_stored_nowhere(engine, book_id, shop_id):
    with begin(engine, actor="test") as work:
        text = issue(work, book_id, shop_id, pepper=PEPPER)
        secret = text.rsplit("_", 1)[1]
        stored = work.connection.exec_driver_sql("SELECT api_keys::text FROM api_keys").scalars().all()

    assert stored
    assert all(secret not in row for row in stored)


@pytest.mark.usefixtures("book_id")
def test_an_unknown_book_is_answered_with_the_books_there_are(engine):
    with engine.connect() as connection, pytest.raises(NotFound, match="no book 'cards'; there are: test"):
        book_named(connection, "cards")
