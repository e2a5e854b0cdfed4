"""What a partner sees of counterparties over HTTP: its own words, until the other side is forgotten."""

import httpx
import pytest
import sqlalchemy as sa

from ledger.kernel.work import read
from ledger.personal_data.erasure import Eraser, forget
from ledger.personal_data.subjects import counterparty_subject, customer_subject
from ledger.public_ids import parse_public
from tests.api.conftest import served

SHOWN = "{ transfers { nodes { counterparty isCounterpartyForgotten } } }"
FOUND = '{ transfers(filter: {counterparty: "Ben"}) { nodes { id } } }'


@pytest.fixture
def api(api_database, shop):
    """A server of its own, so that the test may forget in its process: any other lets go of a key after a minute."""
    serving = served(api_database)
    with serving as address, httpx.Client(base_url=address, timeout=30, trust_env=False, verify=False) as http:
        yield serving.vault, shop.__class__(shop.key, shop.partner_id, http)


def test_a_forgotten_counterparty_is_null_and_says_so_and_the_transfer_stands(store, book_id, api):
    vault, shop = api
    bank, wallet = shop.account("bank"), shop.account("wallet", "CUSTOMER")
    shop.move((bank, wallet, "100"), key="a", counterparty="Ben")
    shop.move((bank, wallet, "100"), key="b")
    before, found = shop.ask(SHOWN)["transfers"]["nodes"], shop.ask(FOUND)["transfers"]["nodes"]

    with read(store) as reader:
        ben = counterparty_subject(reader, vault, book_id, partner_id=shop.partner_id, text="Ben")
    forget(Eraser(store, vault, "operator"), ben, reason="asked")

    nobody = {"counterparty": None, "isCounterpartyForgotten": False}
    assert before == [nobody, {"counterparty": "Ben", "isCounterpartyForgotten": False}]
    assert len(found) == 1
    assert shop.ask(SHOWN)["transfers"]["nodes"] == [nobody, {"counterparty": None, "isCounterpartyForgotten": True}]
    assert shop.ask(FOUND)["transfers"]["nodes"] == []
    again = shop.move((bank, wallet, "100"), key="a", counterparty="Ben")
    assert again["code"] == "EXISTS_WITH_DIFFERENT_COUNTERPARTY", "who comes back is somebody else"


BY_REF = "query ($ref: String!) { account(externalRef: $ref) { id externalRef } }"
LISTED = "{ accounts { nodes { id externalRef } } }"


def test_an_account_of_a_forgotten_customer_stands_and_its_reference_is_null(store, book_id, api):
    vault, shop = api
    wallet, bank = shop.account("DE89370400440532013000", "CUSTOMER"), shop.account("bank")
    named = shop.ask(LISTED)["accounts"]["nodes"]
    reference = next(each["externalRef"] for each in named if each["id"] == wallet)
    found = shop.ask(BY_REF, ref=reference)["account"]

    with store.connect() as connection:
        query = sa.text("SELECT external_ref, customer_id FROM accounts WHERE account_id = :id")
        stored = connection.execute(query, {"id": parse_public("account", wallet)}).one()
    with read(store) as reader:
        customer = customer_subject(reader, book_id, stored.customer_id)
    forget(Eraser(store, vault, "operator"), customer, reason="asked")

    assert reference.endswith(":DE89370400440532013000")
    assert found == {"id": wallet, "externalRef": reference}
    assert stored.external_ref.startswith("s1.")
    left = {each["id"]: each["externalRef"] for each in shop.ask(LISTED)["accounts"]["nodes"]}
    assert left == {each["id"]: None if each["id"] == wallet else each["externalRef"] for each in named}
    assert left[bank].endswith(":bank")
    assert shop.ask(BY_REF, ref=reference)["account"] is None


def test_what_the_book_holds_is_not_what_was_sent(store, book_id, shop):
    bank, wallet = shop.account("bank"), shop.account("wallet", "CUSTOMER")
    sent = shop.move((bank, wallet, "100"), key="a", counterparty="Ben")
    again = shop.move((bank, wallet, "100"), key="a", counterparty="Ben")

    assert sent == again
    with store.connect() as connection:
        query = sa.text("SELECT counterparty FROM transfers WHERE book_id = :book")
        (stored,) = connection.execute(query, {"book": book_id}).scalars()
    assert stored.startswith("s1.")
    assert "Ben" not in stored


def test_a_page_of_counterparties_costs_one_statement_more_at_most(api_database, shop):
    bank, wallet = shop.account("bank"), shop.account("wallet", "CUSTOMER")
    for number in range(5):
        shop.move((bank, wallet, "1"), key=str(number), counterparty=f"side {number}")
    serving = served(api_database)
    told = []
    sa.event.listen(serving.vault._engine, "before_cursor_execute", lambda *given: told.append(given[2]))  # noqa: SLF001  # the store of the keys is counted

    with serving as address, httpx.Client(base_url=address, timeout=30, trust_env=False, verify=False) as http:
        caller = shop.__class__(shop.key, shop.partner_id, http)
        caller.ask(SHOWN)
        first = len(told)
        caller.ask(SHOWN)

    assert first == 2, "whether the keyring is the vault's is asked once, beside the keys"
    assert len(told) == 2
