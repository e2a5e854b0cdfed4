"""A command finds what it names on whichever server has it, and answers in JSON where it is asked to."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import sqlalchemy as sa
from typer.testing import CliRunner, Result

from cofferdam.actor import operator
from cofferdam.cli import program
from cofferdam.discovery import command_files, loaded
from ledger.book.accounts.accounts import AccountOrder, open_accounts
from ledger.book.judging.orders import TransferOrder
from ledger.book.posting.posting import post
from ledger.book.records.accounts import AccountId, AccountKind
from ledger.book.records.transfers import TransferId
from ledger.imports.imports import importing
from ledger.kernel.engines import create_engine
from ledger.kernel.ids import BookId, derived_id
from ledger.kernel.settings import Settings
from ledger.kernel.work import begin
from ledger.personal_data.customers import CustomerOrder, register_customers
from ledger.public_ids import public
from ledger.tenancy.books import all_books, open_book
from ledger.tenancy.partners import PartnerOrder, register_partners
from ledger.tenancy.records import CustomerId, Vertical
from ledger.vault.vault import Vault
from tests.conftest import KEYRINGS
from tests.pipelines.imports.conftest import HEADER, MAPPING

ROW = "1,2024-01-05,1.00,in,USD,sale,acme,77"
WITHOUT_ANSWER = {"up", "demo", "serve", "stream", "oidc", "generated", "migration"}
"""What runs until it is ended, or writes files."""

Run = Callable[..., Result]


class Book(NamedTuple):
    """A book with a customer's account that was paid into, by its ids in public."""

    book_id: BookId
    account: str
    customer: str
    paid: str


def opened(engine: sa.Engine, name: str) -> Book:
    """A book `name` in which the world has paid 10.00 to the account `shop:NAME` of Anna."""
    world, wallet = (AccountId(derived_id(name, each)) for each in ("world", "wallet"))
    with begin(engine, actor="test") as work:
        book_id = open_book(work, name=name, jurisdiction="US", currency="USD")
        shop = register_partners(work, book_id, [PartnerOrder("shop", "Shop", Vertical.RETAIL)])["shop"]
        vault = Vault(engine, KEYRINGS)
        (anna,) = register_customers(work, vault, book_id, [CustomerOrder(shop, None, "anna@example.org")]).values()
        open_accounts(work, book_id, [_account(world, shop, f"world:{name}"), _account(wallet, shop, f"shop:{name}")])
    paid = TransferId(derived_id(name, "paid"))
    post(engine, book_id, [TransferOrder(paid, shop, world, wallet, 1000, "USD", "test", external_ref=f"paid-{name}")])
    return Book(book_id, public("account", wallet), public("customer", CustomerId(anna)), public("transfer", paid))


def _account(account_id: AccountId, partner_id: Any, ref: str) -> AccountOrder:
    return AccountOrder(account_id, partner_id, None, ref, "USD", AccountKind.EXTERNAL)


@pytest.fixture
def elsewhere(other_database_url: str) -> Iterator[sa.Engine]:
    """An engine on the second server."""
    made = create_engine(other_database_url)
    yield made
    made.dispose()


@pytest.fixture
def eu(engine: sa.Engine, elsewhere: sa.Engine) -> Book:
    """A book on the second server; the first one has another, of the same number."""
    near, far = opened(engine, "us"), opened(elsewhere, "eu")
    assert near.book_id == far.book_id
    return far


@pytest.fixture
def run(settings: Settings, other_database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Run a command in this process, in an installation whose directory puts `eu` and `shop` on the second server."""
    file = tmp_path / "directory.toml"
    file.write_text("".join(["[books]\n", *(f'{name} = "{other_database_url}"\n' for name in ("eu", "shop"))]))
    for name, value in settings.child_environ().items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("COFFERDAM_DIRECTORY", str(file))
    monkeypatch.chdir(tmp_path)
    return lambda *arguments: CliRunner().invoke(program(), arguments, prog_name="cofferdam")


@pytest.fixture
def answered(run: Run) -> Callable[..., Any]:
    """The same with `--json`; what it answered."""

    def answer(*arguments: str) -> Any:
        ended = run(*arguments, "--json")
        assert ended.exit_code == 0, ended.stderr
        return json.loads(ended.stdout)

    return answer


def test_every_command_that_answers_something_has_the_option():
    without = {file.name for file in command_files() for each in _leaves(loaded(file)) if not _answers(each)}

    assert without == WITHOUT_ANSWER


def _leaves(command: Any) -> list[Any]:
    return list(command.commands.values()) if hasattr(command, "commands") else [command]


def _answers(command: Any) -> bool:
    return any("--json" in parameter.opts for parameter in command.params)


def test_an_account_a_transfer_and_a_customer_are_found_on_the_second_server(
    eu: Book, answered: Callable[..., Any], elsewhere: sa.Engine
):
    by_ref, by_id = answered("account", "shop:eu"), answered("account", eu.account)
    proof = answered("proof", eu.paid)
    customer = answered("customer", eu.customer, "--reason", "case 17")
    changed = answered("terms", "shop:eu", "--credit-line", "5.00", "--reason", "asked")
    terms = answered("terms", eu.account)
    reversed_ = answered("reverse", eu.paid)

    assert by_ref == by_id
    assert (by_ref["book"], by_ref["balance"]["decimal"]) == ("eu", "10.00")
    assert (proof["table"], proof) == ("transfers", answered("proof", "paid-eu"))
    assert customer["reference"] == "anna@example.org"
    assert terms[0]["position"] == changed["position"]
    assert (terms[0]["credit_line"]["minor"], terms[0]["actor"]) == (500, operator())
    assert reversed_["position"] > changed["position"]
    assert answered("account", "shop:eu")["balance"]["minor"] == 0
    with elsewhere.connect() as connection:
        assert connection.execute(sa.text("SELECT actor FROM personal_readings")).scalar_one() == operator()


@pytest.mark.usefixtures("eu")
def test_a_book_is_closed_counted_and_given_keys_on_the_second_server(
    answered: Callable[..., Any], elsewhere: sa.Engine, run: Run
):
    terms = ("--label", "till", "--from", "10.0.0.0/8", "--expires", "2999-01-01T00:00Z")
    old = answered("key", "eu", "shop", *terms)["key"]
    key = answered("keys", "rotate", old, "--overlap-hours", "2")["key"]
    listed = answered("keys", "list", "eu", "shop")
    revoked = answered("key", "--revoke", listed[1]["key"])
    again = run("key", "--revoke", key)
    closed = answered("close", "eu", "2020-01-31", "--reason", "month end")
    calendar = answered("calendar", "eu")

    assert [(each["state"], each["label"], each["addresses"]) for each in listed] == [
        ("ending", "till", "10.0.0.0/8"),
        ("active", "till", "10.0.0.0/8"),
    ]
    assert listed[1]["replaces"] == listed[0]["key"] != listed[1]["key"]
    assert revoked == {"revoked": True}
    assert (again.exit_code, "no working key has this id" in again.stderr) == (1, True)
    assert (closed["closed_until"], len(closed["seal"])) == ("2020-01-31", 64)
    assert calendar["rules"] == [{"from": None, "time_zone": "UTC", "cut_off": "24:00"}]
    with elsewhere.connect() as connection:
        grants = connection.execute(sa.text("SELECT actor FROM api_key_grants ORDER BY seq")).scalars().all()
    assert grants == [operator()] * 4


def test_history_is_imported_and_given_up_where_the_directory_puts_its_book(
    answered: Callable[..., Any], engine: sa.Engine, elsewhere: sa.Engine, tmp_path: Path
):
    (tmp_path / "shop.toml").write_text(MAPPING)
    (tmp_path / "rows.csv").write_text(f"{HEADER}\n{ROW}\n")

    report = answered("import", "shop.toml", "rows.csv")
    with elsewhere.connect() as connection:
        (book,) = all_books(connection)
    with pytest.raises(InterruptedError), importing(elsewhere, book.book_id, mapping="shop", files="rows.csv"):
        raise InterruptedError
    given_up = answered("import", "shop.toml", "--abandon")

    assert (report["book"], report["accepted"]) == ("shop", 1)
    assert given_up == [{"mapping": "shop", "files": "rows.csv"}]
    with engine.connect() as connection:
        assert all_books(connection) == [], "the first server has no book of that name"


@pytest.mark.usefixtures("eu")
def test_the_other_answers_are_json_too(answered: Callable[..., Any], elsewhere: sa.Engine):
    opened(elsewhere, "shop")

    assert answered("crossings", "--check")["ok"]
    assert answered("quarantine", "list", "eu") == []
    assert answered("calls", "list", "eu") == []
    assert {each["book"] for each in answered("consumers")} == {"us"}
    assert answered("consumers", "reset", "waiting_calls", "--book", "eu")["book"] == "eu"
    assert [each["vault_keys"] for each in answered("vault", "status")] == [1, 1]
    assert answered("verify")["ok"]
    assert answered("down") == {"process": None, "database_stopped": False}


def test_what_changes_something_answers_in_json_too(eu: Book, answered: Callable[..., Any]):
    whom = (eu.customer, "--reason", "case 17")
    hook = ("eu", "shop", "https://hooks.example.org/", "--reason", "asked")

    assert answered("cross", "us:world:us", "eu:world:eu", "2.50", "USD", "--ref", "x-1")["state"] == "done"
    assert answered("endpoint", *hook)["state"] == "active"
    assert answered("endpoint", *hook, "--retire")["state"] == "retired"
    assert answered("legal-hold", *whom)["legal_hold"] == "placed"
    assert answered("legal-hold", *whom, "--lift")["legal_hold"] == "lifted"
    assert answered("forget", *whom)["key_stood"] is True
    assert answered("customer", *whom)["reference"] == "(forgotten)"
    assert len(answered("vault", "renew")) == 2
    assert answered("vault", "rotate") == {"rotated": True, "next": None}


@pytest.mark.usefixtures("eu")
def test_what_may_lie_on_a_server_that_is_away_is_not_said_to_be_nowhere(run: Run, tmp_path: Path):
    with (tmp_path / "directory.toml").open("a") as file:
        file.write('mars = "postgresql://u:hunter2@127.0.0.1:1/x"\n')

    found, sought = run("account", "shop:us"), run("account", "shop:mars")
    change = run("terms", "shop:us", "--frozen", "all", "--reason", "asked")

    assert found.exit_code == 0
    assert (sought.exit_code, sought.stderr.count("\n")) == (1, 1)
    assert "none of the servers that answer has it: the store of server 3 (mars) does not answer" in sought.stderr
    assert (change.exit_code, "another server may have it too" in change.stderr) == (1, True)
    assert "hunter2" not in sought.stderr + change.stderr
