"""The commands for crossings, with two books of one server."""

import json
from pathlib import Path

import pytest
import sqlalchemy as sa

from cofferdam.actor import operator
from ledger.book.accounts.accounts import AccountOrder, open_accounts
from ledger.book.records.accounts import AccountId, AccountKind
from ledger.kernel.ids import derived_id
from ledger.kernel.settings import Settings
from ledger.kernel.work import begin
from ledger.tenancy.books import open_book
from ledger.tenancy.partners import PartnerOrder, register_partners
from ledger.tenancy.records import Vertical
from tests import warm

ROOT = Path(__file__).parents[2]


def cofferdam(settings: Settings, *arguments: str, directory: str = "") -> warm.Ended:
    return warm.cofferdam(settings.child_environ() | {"COFFERDAM_DIRECTORY": directory}, *arguments)


@pytest.fixture
def books(engine: sa.Engine) -> None:
    with begin(engine, actor="test") as work:
        for name in ("us", "eu"):
            book_id = open_book(work, name=name, jurisdiction="US", currency="USD")
            shop = register_partners(work, book_id, [PartnerOrder("shop", "Shop", Vertical.RETAIL)])["shop"]
            account = AccountOrder(
                AccountId(derived_id(name)),
                shop,
                None,
                "shop:a",
                "USD",
                AccountKind.EXTERNAL,
                debits_within_credits=name == "eu",
            )
            open_accounts(work, book_id, [account])


@pytest.mark.usefixtures("books")
def test_money_crosses_by_a_command_and_is_listed_and_checked(settings: Settings, engine: sa.Engine):
    crossed = cofferdam(settings, "cross", "us:shop:a", "eu:shop:a", "12.50", "USD", "--ref", "x-1", "--json")
    listed = cofferdam(settings, "crossings", "--book", "us", "--resume", "--check", "--json")

    crossing = json.loads(crossed.stdout)
    assert (crossing["state"], crossing["amount"]["minor"]) == ("done", 1250)
    answer = json.loads(listed.stdout)
    assert answer["ok"]
    assert answer["crossings"] == [crossing]
    assert "12.50 USD, 0 under way" in answer["findings"][0]["detail"]
    assert listed.returncode == 0
    with engine.connect() as connection:
        assert operator() in connection.execute(sa.text("SELECT name FROM actors")).scalars().all()


@pytest.mark.usefixtures("books")
def test_a_refused_crossing_says_why_and_exits_with_1(settings: Settings):
    outcome = cofferdam(settings, "cross", "eu:shop:a", "us:shop:a", "12.50", "USD", "--ref", "x-1")
    slip = cofferdam(settings, "cross", "eu-shop", "us:shop:a", "12.50", "USD", "--ref", "x-2")

    assert (outcome.returncode, slip.returncode) == (1, 1)
    assert outcome.stdout.startswith("refused    12.50 USD from eu:shop:a to us:shop:a")
    assert "insufficient_funds" in outcome.stdout
    assert "write BOOK:REFERENCE" in slip.stderr


@pytest.mark.usefixtures("books")
def test_a_server_that_is_away_leaves_the_crossing_under_way(settings: Settings, tmp_path: Path):
    file = tmp_path / "directory.toml"
    file.write_text('[books]\nmars = "postgresql://u:hunter2@127.0.0.1:1/x"\n')

    crossed = cofferdam(settings, "cross", "us:shop:a", "mars:shop:a", "1", "USD", "--ref", "x", directory=str(file))
    listed = cofferdam(settings, "crossings", "--check", "--json", directory=str(file))
    examined = cofferdam(settings, "doctor", directory=str(file))

    assert crossed.returncode == 0
    assert crossed.stdout.startswith("under way  1.00 USD")
    assert "mars does not answer" in crossed.stdout
    answer = json.loads(listed.stdout)
    assert not answer["ok"]
    assert listed.returncode == 1
    assert [each["to_book"] for each in answer["crossings"]] == ["mars"]
    assert "book mars" in examined.stdout
    assert (
        "hunter2"
        not in examined.stdout + examined.stderr + crossed.stdout + crossed.stderr + listed.stdout + listed.stderr
    )
