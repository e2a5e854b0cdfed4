"""Changing: accounts and transfers through mutations; refusals are answers, and a key is used once."""

import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta, timezone
from uuid import uuid4

import pytest
import sqlalchemy as sa

from ledger.book.accounts.calendars import set_calendar
from ledger.journal import journal
from ledger.kernel.calendar import Calendar, day_rule
from ledger.kernel.work import begin
from ledger.public_ids import public
from tests.api.conftest import BACKGROUND, record_statements

MINOR_MAX = 2**63 - 1


@pytest.fixture
def bank(shop):
    return shop.account("bank")


@pytest.fixture
def wallet(shop):
    return shop.account("wallet", "CUSTOMER")


@pytest.fixture
def pair(bank, wallet):
    """Where money comes from, and where it goes."""
    return bank, wallet


@pytest.fixture
def count(store, book_id):
    """How many rows a table has of the test's book."""

    def rows(table: str, what: str = "*") -> int:
        query = sa.text(f"SELECT count({what}) FROM {table} WHERE book_id = :book")
        with store.connect() as connection:
            return connection.execute(query, {"book": book_id}).scalar_one()

    return rows


def test_a_transfer_is_answered_with_its_position_and_a_resend_with_the_very_same(shop, bank, wallet, count):
    posted = shop.move((bank, wallet, "1050"), key="k")
    again = shop.move((bank, wallet, "1050"), key="k")

    assert posted == again
    (transfer,) = posted["transfers"]
    assert transfer["amount"] == {"amountMinor": "1050", "currency": "USD", "decimal": "10.50"}
    assert transfer["groupId"] is None
    assert transfer["position"] == posted["position"]
    assert count("transfers") == 1


def test_the_journal_names_the_key_that_ordered_a_transfer(shop, bank, wallet, store, book_id):
    shop.move((bank, wallet, "1050"), key="k")

    query = sa.text("SELECT a.name FROM transfers t JOIN actors a USING (book_id, actor_no) WHERE t.book_id = :book")
    with store.connect() as connection:
        (actor,) = connection.execute(query, {"book": book_id}).scalars()
        keys = connection.execute(sa.text("SELECT api_key_id FROM api_keys WHERE book_id = :book"), {"book": book_id})
        ids = {public("api_key", key) for key in keys.scalars()}
    assert actor in ids
    assert len(ids) == 2


@pytest.mark.parametrize("kind", ["LIQUIDITY", "TRANSIT", "CONTROL"])
def test_accounts_of_the_operators_kinds_are_not_opened_by_partners(shop, kind):
    refused = shop.open("pool", kind)

    assert refused["__typename"] == "InvalidInput"
    assert "you open CUSTOMER, MERCHANT, EXTERNAL, REVENUE" in refused["message"]


def test_the_transfers_of_one_request_stand_or_fall_together(shop, bank, wallet, count):
    posted = shop.move((bank, wallet, "1000"), (wallet, bank, "400"), key="both")
    refused = shop.move((bank, wallet, "5"), (wallet, bank, "606"), (bank, wallet, "5"), key="none")

    assert len({transfer["groupId"] for transfer in posted["transfers"]}) == 1
    assert posted["transfers"][0]["groupId"].startswith("grp_")
    assert (refused["__typename"], refused["code"], refused["index"]) == ("InsufficientFunds", "INSUFFICIENT_FUNDS", 1)
    assert count("transfers") == 2


def test_a_refused_request_stays_refused_with_its_code_although_there_is_money_now(shop, bank, wallet):
    refused = shop.move((wallet, bank, "100"), key="early")
    shop.move((bank, wallet, "1000"), key="top up")

    again = shop.move((wallet, bank, "100"), key="early")
    anew = shop.move((wallet, bank, "100"), key="late")

    assert refused == again
    assert refused["code"] == "INSUFFICIENT_FUNDS"
    assert anew["__typename"] == "PostedTransfers"


@pytest.mark.parametrize(
    ("change", "differs"),
    [
        ({"amount": {"amountMinor": "11", "currency": "USD"}}, "amount"),
        ({"code": "fee"}, "code"),
        ({"externalRef": "r"}, "reference"),
        ({"effectiveAt": f"{datetime.now(UTC) - timedelta(days=9):%Y-%m-%d}T00:00:00Z"}, "effective time"),
    ],
)
def test_the_same_key_with_other_content_is_a_conflict_that_names_what_differs(shop, bank, wallet, change, differs):
    shop.move((bank, wallet, "10"), key="k")

    conflict = shop.move((bank, wallet, "10"), key="k", **change)

    assert conflict["__typename"] == "IdempotencyConflict"
    assert f"another {differs};" in conflict["message"]


@pytest.mark.parametrize("sizes", [(1, 2), (2, 1), (3, 2), (2, 3)])
def test_the_same_key_with_another_number_of_transfers_is_a_conflict(shop, pair, count, sizes):
    (bank, wallet), (first, then) = pair, sizes
    legs = [(bank, wallet, "1"), (bank, wallet, "2"), (bank, wallet, "3")]
    shop.move(*legs[:first], key="k")

    assert shop.move(*legs[:then], key="k")["__typename"] == "IdempotencyConflict"
    assert count("transfers") == first


@pytest.mark.parametrize("legs", [1, 2])
def test_fifty_identical_requests_at_once_are_one_transfer_and_fifty_equal_answers(shop, bank, wallet, count, legs):
    with ThreadPoolExecutor(25) as threads:
        calls = [threads.submit(shop.move, *[(bank, wallet, "7")] * legs, key="same") for _ in range(50)]
        answers = [call.result() for call in calls]

    assert answers[0]["__typename"] == "PostedTransfers"
    assert answers == [answers[0]] * 50
    assert count("transfers") == legs


def test_copies_of_a_group_that_wait_together_are_not_judged_as_one_group(shop, pair, store, book_id):
    with ThreadPoolExecutor(3) as threads, begin(store, actor="test") as work:
        journal.open_batch(work, book_id)  # whoever posts now waits for this lock, and others gather behind
        first = threads.submit(shop.move, (*pair, "1"), key="first")
        time.sleep(0.2)
        copies = [threads.submit(shop.move, (*pair, "1"), (*pair, "2"), key="copied") for _ in range(2)]
        time.sleep(0.2)

    assert first.result()["__typename"] == "PostedTransfers"
    assert copies[0].result()["__typename"] == "PostedTransfers"
    assert copies[0].result() == copies[1].result()


@pytest.mark.parametrize(
    ("change", "kind", "code"),
    [
        ({"amount": {"amountMinor": "-1", "currency": "USD"}}, "InvalidInput", "AMOUNT_NEGATIVE"),
        ({"amount": {"amountMinor": str(MINOR_MAX + 1), "currency": "USD"}}, "InvalidInput", "AMOUNT_OVERFLOW"),
        ({"amount": {"amountMinor": "9" * 40, "currency": "USD"}}, "InvalidInput", "AMOUNT_OVERFLOW"),
        ({"amount": {"amountMinor": "1", "currency": "EUR"}}, "CurrencyMismatch", "CURRENCY_MISMATCH"),
        ({"effectiveAt": "2999-01-01T00:00:00+02:00"}, "InvalidInput", "EFFECTIVE_IN_FUTURE"),
        ({"effectiveAt": "0001-01-01T00:00:00Z"}, "InvalidInput", "EFFECTIVE_TOO_EARLY"),
        ({"code": "Two words"}, "InvalidInput", "INVALID_INPUT"),
        ({"code": ""}, "InvalidInput", "INVALID_INPUT"),
        ({"externalRef": ""}, "InvalidInput", "INVALID_INPUT"),
        ({"externalRef": "a\x00b"}, "InvalidInput", "INVALID_INPUT"),
        ({"externalRef": "x" * 201}, "InvalidInput", "INVALID_INPUT"),
        ({"debitAccount": "acc_1"}, "InvalidInput", "INVALID_ID"),
        ({"creditAccount": public("transfer", uuid4())}, "InvalidInput", "INVALID_ID"),
        ({"creditAccount": public("account", uuid4())}, "AccountNotFound", "CREDIT_ACCOUNT_NOT_FOUND"),
    ],
)
def test_what_the_ledger_does_not_allow_is_a_typed_answer_with_its_code(shop, pair, change, kind, code):
    refused = shop.move((*pair, "10"), key="k", **change)

    assert (refused["__typename"], refused["code"]) == (kind, code)
    assert refused["message"]


def test_a_transfer_between_an_account_and_itself_is_refused(shop, bank):
    assert shop.move((bank, bank, "1"), key="k")["code"] == "ACCOUNTS_MUST_DIFFER"


def test_a_balance_beyond_what_the_ledger_holds_is_refused_as_a_transfer(shop, bank, wallet):
    shop.move((bank, wallet, str(MINOR_MAX)), key="all")

    refused = shop.move((bank, wallet, "1"), key="more")

    assert (refused["__typename"], refused["code"]) == ("TransferRefused", "BALANCE_OVERFLOW")


@pytest.mark.parametrize("size", [0, 101])
def test_a_request_has_one_to_a_hundred_transfers(shop, bank, wallet, size):
    assert shop.move(*[(bank, wallet, "1")] * size, key="k")["code"] == "INVALID_INPUT"


@pytest.mark.parametrize("key", ["", "x" * 201, "a\nb", "a\x00b"])
def test_a_key_that_cannot_be_stored_as_written_is_refused(shop, bank, wallet, key):
    assert shop.move((bank, wallet, "1"), key=key)["code"] == "INVALID_INPUT"


def test_a_past_effective_instant_is_kept_in_utc_and_gives_the_accounting_date(shop, bank, wallet):
    day = datetime.now(UTC).date() - timedelta(days=9)
    posted = shop.move((bank, wallet, "1"), key="k", effectiveAt=f"{day}T01:30:00+02:00")

    found = shop.ask("query ($id: ID!) { transfer(id: $id) { effectiveAt bookedOn } }", id=posted["transfers"][0]["id"])

    before = day - timedelta(days=1)
    assert found["transfer"] == {"effectiveAt": f"{before}T23:30:00Z", "bookedOn": f"{before}"}


POST_ON = """
    mutation ($input: PostTransfersInput!) {
      postTransfers(input: $input, idempotencyKey: "on") {
        __typename
        ... on PostedTransfers { transfers { effectiveAt bookedOn } }
        ... on InvalidInput { message }
      }
    }
"""


def test_a_stated_date_is_the_accounting_date_of_the_book_and_one_beside_an_instant_is_refused(
    shop, bank, wallet, store, book_id
):
    with begin(store, actor="test") as work:
        set_calendar(work, book_id, day_rule("America/New_York", "17:00"), reason="where the programme is")
    day = (datetime.now(UTC) - timedelta(days=40)).date()
    wanted = {"debitAccount": bank, "creditAccount": wallet, "code": "payment", "effectiveOn": day.isoformat()}
    wanted["amount"] = {"amountMinor": "100", "currency": "USD"}

    both = shop.ask(POST_ON, input={"transfers": [wanted | {"effectiveAt": "2026-01-01T00:00:00Z"}]})
    posted = shop.ask(POST_ON, input={"transfers": [wanted]})

    assert "give one of them" in both["postTransfers"]["message"]
    (transfer,) = posted["postTransfers"]["transfers"]
    begins = Calendar([day_rule("America/New_York", "17:00")]).starts_at(day)
    assert (transfer["bookedOn"], datetime.fromisoformat(transfer["effectiveAt"])) == (day.isoformat(), begins)


def test_an_opened_account_is_answered_again_for_its_key_and_belongs_to_its_customer(shop, count):
    opened = shop.open("wallet", "CUSTOMER", customer={"customerRef": "ada@example.com", "personRef": "p-1"})
    again = shop.open("wallet", "CUSTOMER", customer={"customerRef": "ada@example.com", "personRef": "p-1"})

    assert opened["account"] | {"asOf": ""} == again["account"] | {"asOf": ""}
    assert opened["position"] == again["position"]
    assert opened["account"]["externalRef"] == "shop:wallet"
    assert opened["account"]["customerId"].startswith("cus_")
    assert (count("accounts"), count("customers")) == (1, 1)


def test_twenty_identical_openings_at_once_are_one_account(shop, count):
    with ThreadPoolExecutor(10) as threads:
        calls = [threads.submit(shop.account, "wallet", "CUSTOMER") for _ in range(20)]

    assert len({call.result() for call in calls}) == 1
    assert (count("accounts"), count("customers")) == (1, 1)


def test_one_person_at_two_partners_is_one_person_where_both_name_it_alike(shop, rides, count):
    for caller in (shop, rides):
        caller.open("a", "CUSTOMER", customer={"customerRef": "ada", "personRef": "p-1"})
        caller.open("b", "CUSTOMER", customer={"customerRef": "ben"})

    assert count("customers", "DISTINCT person_id") == 3


@pytest.mark.usefixtures("pair")
def test_customers_cannot_overdraw_and_the_world_outside_is_counted_from_its_own_side(shop):
    sides = shop.ask(
        '{ bank: account(externalRef: "shop:bank") { normalSide debitsWithinCredits }'
        ' wallet: account(externalRef: "shop:wallet") { normalSide debitsWithinCredits } }'
    )

    assert sides["bank"] == {"normalSide": "DEBIT", "debitsWithinCredits": False}
    assert sides["wallet"] == {"normalSide": "CREDIT", "debitsWithinCredits": True}


@pytest.mark.parametrize(
    ("change", "kind"),
    [
        ({"externalRef": "other"}, "IdempotencyConflict"),
        ({"currency": "EUR"}, "IdempotencyConflict"),
        ({"debitsWithinCredits": True}, "IdempotencyConflict"),
        ({"externalRef": ""}, "InvalidInput"),
        ({"externalRef": "a\x00b"}, "InvalidInput"),
        ({"kind": "CUSTOMER"}, "InvalidInput"),
        ({"customer": {"customerRef": "c"}}, "InvalidInput"),
    ],
)
def test_an_account_that_cannot_be_opened_so_is_refused_and_leaves_nothing_behind(shop, count, change, kind):
    query = 'mutation ($input: OpenAccountInput!) { openAccount(input: $input, idempotencyKey: "k") { __typename } }'
    wanted = {"externalRef": "till", "currency": "USD", "kind": "MERCHANT"}
    shop.ask(query, input=wanted)

    refused = shop.ask(query, input=wanted | change)

    assert refused["openAccount"]["__typename"] == kind
    assert (count("accounts"), count("customers")) == (1, 0)


WHOLE = """
    id kind state amount { amountMinor currency } code externalRef counterparty isCounterpartyForgotten tags expiresAt
    closes balancing rate template isForced effectiveAt bookedOn recordedAt position
    debitAccount { id } creditAccount { id } group { id } hold { id } reverses { id }
"""


@pytest.mark.parametrize("more", [
    {},
    {"externalRef": "order-1", "counterparty": "Mrs Example", "tags": ["rent", "may"]},
    {"effectiveAt": (datetime.now(UTC) - timedelta(days=3)).astimezone(timezone(timedelta(hours=2))).isoformat()},
    {"effectiveOn": (datetime.now(UTC) - timedelta(days=3)).date().isoformat()},
    {"upTo": "DEBIT"},
    {"hold": True},
    {"hold": True, "timeoutSeconds": 600},
], ids=["plain", "described", "backdated", "dated", "up to", "hold", "hold with an end"])  # fmt: skip
@pytest.mark.parametrize("size", [1, 2])
def test_an_answer_says_of_a_transfer_what_a_read_says_of_it(shop, pair, more, size):
    bank, wallet = pair
    legs = [
        {"debitAccount": bank, "creditAccount": wallet, "amount": {"amountMinor": "7", "currency": "USD"}, "code": "a"}
        | more
    ] * size

    posted = shop.mutate(
        "postTransfers", f"... on PostedTransfers {{ transfers {{ {WHOLE} }} }}", key="k", transfers=legs
    )

    assert posted["__typename"] == "PostedTransfers", posted
    for told in posted["transfers"]:
        read = shop.ask(f"query ($id: ID!) {{ transfer(id: $id) {{ {WHOLE} }} }}", id=told["id"])["transfer"]
        assert read == told


def test_an_answer_to_a_transfer_reads_nothing(shop, pair, monkeypatch):
    statements = record_statements(monkeypatch, lambda _, thread: not thread.startswith(BACKGROUND))

    shop.move((*pair, "7"), key="k")
    assert statements == []

    shop.move((*pair, "7"), key="k")
    assert any("FROM transfers" in each for each in statements)
