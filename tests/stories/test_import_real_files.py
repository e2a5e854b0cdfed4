"""The real files: a Czech bank's transactions and card payments import to the figures they hold, twice."""

import os
from decimal import Decimal
from pathlib import Path
from typing import Final

import pyarrow.parquet as pq
import pytest
import sqlalchemy as sa

from ledger.book.reading.account_views import AccountView
from ledger.book.reading.balances import accounts_page
from ledger.kernel.pages import Slice
from ledger.kernel.work import Reader, read
from ledger.personal_data.account_references import opened_references
from ledger.personal_data.account_search import account_view
from ledger.tenancy.books import book_named
from ledger.vault.vault import Vault
from pipelines.imports.load import import_files
from tests.conftest import KEYRINGS

FILES: Final = Path(__file__).parents[2] / "../shared/data"
TRANSACTIONS: Final = FILES / "pkdd99/trans.asc"
PAYMENTS: Final = FILES / "card-transactions/2018-04-01_2018-08-14.parquet"
PAYMENTS_MAX: Final = int(os.environ.get("ROWS", "20000"))
"""How many of the payments are imported; `make soak` imports all 1,303,778."""


def every_account(reader: Reader, book: str) -> list[AccountView]:
    """All accounts of a book."""
    return accounts_page(reader, book_named(reader.connection, book).book_id, Slice(limit=100_000))


def needs(path: Path) -> pytest.MarkDecorator:
    """Skip where the real files are not beside the repository."""
    return pytest.mark.skipif(not path.exists(), reason=f"../shared/data has no {path.name} here")


@needs(TRANSACTIONS)
def test_the_czech_bank_imports_to_its_known_balances_twice(engine: sa.Engine, tmp_path: Path) -> None:
    first = import_files(engine, Path("pkdd99"), [TRANSACTIONS], vault=Vault(engine, KEYRINGS), home=tmp_path)
    second = import_files(engine, Path("pkdd99"), [TRANSACTIONS], vault=Vault(engine, KEYRINGS), home=tmp_path)

    assert (first.rows, first.accepted, first.rejected) == (49_101, 49_101, {})
    assert (second.accepted, second.already_there) == (0, 49_101)
    assert second.position == first.position + 2, "that the import began and ended, and no transfer"
    for report in (first, second):
        assert report.credits == {"CZK": "177366277.40"}
        assert report.debits == {"CZK": "138120153.50"}
        assert (report.persons, report.accounts["customer"]) == (1_229, 1_229)
    with read(engine) as reader:
        book_id = book_named(reader.connection, "pkdd99").book_id
        vault = Vault(engine, KEYRINGS)
        known = [account_view(reader, vault, book_id, f"pkdd99:{number}") for number in (576, 2378)]
        views = every_account(reader, "pkdd99")
    of_customers = [view for view in views if view.account.kind == "customer"]
    assert [str(view.balance) for view in known if view] == ["18556.60 CZK", "50956.20 CZK"]
    assert len([view for view in of_customers if view.sums.credits or view.sums.debits]) == 1_229
    assert len([view for view in of_customers if view.balance.minor < 0]) == 1
    assert sum(view.sums.credits - view.sums.debits for view in views) == 0


@pytest.mark.slow
@needs(PAYMENTS)
def test_the_card_payments_import_to_their_own_sums_twice_and_a_person_is_a_customer_in_up_to_four_verticals(
    engine: sa.Engine, tmp_path: Path
) -> None:
    payments = pq.read_table(PAYMENTS).slice(0, PAYMENTS_MAX)
    pq.write_table(payments, tmp_path / "payments.parquet")
    columns = payments.select(["customer_id", "terminal_id", "amount_cents"]).to_pydict()
    persons, terminals = set(columns["customer_id"]), set(columns["terminal_id"])
    paid_minor = sum(columns["amount_cents"])

    files = [tmp_path / "payments.parquet"]
    first = import_files(engine, Path("cards"), files, vault=Vault(engine, KEYRINGS), home=tmp_path)
    second = import_files(engine, Path("cards"), files, vault=Vault(engine, KEYRINGS), home=tmp_path)

    assert (first.rows, first.accepted, first.rejected) == (len(payments), len(payments), {})
    assert (second.accepted, second.already_there) == (0, len(payments))
    assert second.position == first.position + 2, "that the import began and ended, and no transfer"
    for report in (first, second):
        assert (report.persons, report.accounts["merchant"], report.partners) == (len(persons), len(terminals), 21)
        assert report.debits == {"USD": f"{Decimal(paid_minor) / 100:.2f}"}
    with read(engine) as reader:
        views = every_account(reader, "cards")
    merchants = [view for view in views if view.account.kind == "merchant"]
    assert sum(view.balance.minor for view in merchants) == paid_minor
    assert sum(view.sums.credits - view.sums.debits for view in views) == 0
    partners = partners_of_persons(engine, views)
    assert len(partners) == first.persons
    assert sum(map(len, partners.values())) == first.customers
    assert max(map(len, partners.values())) == 4
    for person, held in partners.items():
        assert {partner.split("-")[1] for partner in held} == {str(int(person) % 5 + 1)}
        assert len({partner.split("-")[0] for partner in held}) == len(held)


def partners_of_persons(engine: sa.Engine, views: list[AccountView]) -> dict[str, list[str]]:
    """At which partners each person has an account; the store has their references sealed."""
    texts = [view.account.external_ref for view in views if view.account.customer_id]
    refs = opened_references(Vault(engine, KEYRINGS), views[0].account.book_id, texts)
    assert not {*texts} & {*refs}
    partners: dict[str, list[str]] = {}
    for ref in refs:
        assert ref is not None
        person, partner = ref.removeprefix("cards:").split("@")
        partners.setdefault(person, []).append(partner)
    return partners
