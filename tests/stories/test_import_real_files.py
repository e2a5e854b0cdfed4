"""The real files: a Czech bank's transactions and 1.3 million card payments import to the known figures, twice."""

from pathlib import Path
from typing import Final

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import sqlalchemy as sa

from ledger.book.balances import AccountView, accounts_page
from ledger.flows.account_references import account_view, opened_references
from ledger.kernel.work import Reader, read
from ledger.partners.books import book_named
from ledger.vault.vault import Vault
from pipelines.imports.load import import_files
from tests.conftest import KEYRINGS

FILES: Final = Path(__file__).parents[2] / "../shared/data"
TRANSACTIONS: Final = FILES / "pkdd99/trans.asc"
PAYMENTS: Final = FILES / "card-transactions/2018-04-01_2018-08-14.parquet"


def every_account(reader: Reader, book: str) -> list[AccountView]:
    """All accounts of a book."""
    return accounts_page(reader, book_named(reader.connection, book).book_id, limit=100_000)


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
def test_the_card_payments_import_to_their_known_sum_twice(engine: sa.Engine, tmp_path: Path) -> None:
    first = import_files(engine, Path("cards"), [PAYMENTS], vault=Vault(engine, KEYRINGS), home=tmp_path)
    second = import_files(engine, Path("cards"), [PAYMENTS], vault=Vault(engine, KEYRINGS), home=tmp_path)

    assert (first.rows, first.accepted, first.rejected) == (1_303_778, 1_303_778, {})
    assert (second.accepted, second.already_there) == (0, 1_303_778)
    assert second.position == first.position + 2, "that the import began and ended, and no transfer"
    for report in (first, second):
        assert (report.persons, report.accounts["merchant"], report.partners) == (4_987, 10_000, 21)
        assert report.debits == {"USD": "69907917.88"}
    with read(engine) as reader:
        views = every_account(reader, "cards")
    merchants = [view for view in views if view.account.kind == "merchant"]
    assert sum(view.balance.minor for view in merchants) == 6_990_791_788
    assert sum(view.sums.credits - view.sums.debits for view in views) == 0


@needs(PAYMENTS)
def test_a_person_of_the_card_payments_is_a_customer_in_up_to_four_verticals(engine: sa.Engine, tmp_path: Path) -> None:
    first_rows = next(pq.ParquetFile(PAYMENTS).iter_batches(20_000))
    pq.write_table(pa.Table.from_batches([first_rows]), tmp_path / "slice.parquet")

    report = import_files(
        engine, Path("cards"), [tmp_path / "slice.parquet"], vault=Vault(engine, KEYRINGS), home=tmp_path
    )

    with read(engine) as reader:
        views = every_account(reader, "cards")
    texts = [view.account.external_ref for view in views if view.account.customer_id]
    refs = opened_references(Vault(engine, KEYRINGS), views[0].account.book_id, texts)
    assert not {*texts} & {*refs}, "the store has them sealed"
    partners: dict[str, list[str]] = {}
    for ref in refs:
        assert ref is not None
        person, partner = ref.removeprefix("cards:").split("@")
        partners.setdefault(person, []).append(partner)
    assert (report.accepted, report.customers, report.persons) == (20_000, len(refs), len(partners))
    assert max(len(held) for held in partners.values()) == 4
    for person, held in partners.items():
        assert {partner.split("-")[1] for partner in held} == {str(int(person) % 5 + 1)}
        assert len({partner.split("-")[0] for partner in held}) == len(held)
