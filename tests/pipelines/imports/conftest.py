"""A small mapping for made files, and an import into a temporary home."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from lake.tables import Lake
from ledger.imports.quarantined_rows import listed_rows
from ledger.imports.records import RowState
from ledger.kernel.work import read
from ledger.tenancy.books import book_named
from ledger.vault.vault import Vault
from pipelines.imports.load import import_files
from pipelines.imports.report import ImportReport
from tests.conftest import KEYRINGS
from tests.pipelines.stream.programme import sole_zone

MAPPING = """
namespace = "shop"
[book]
name = "shop"
jurisdiction = "US"
currency = "USD"
[transfer]
id = { column = "id" }
time = { column = "time" }
amount = { column = "amount", decimals = 2 }
sign = { column = "way", words = { in = "credit", out = "debit" } }
currency = { column = "currency" }
code = { column = "code" }
[partner]
ref = { column = "partner" }
vertical = { constant = "retail" }
[account]
ref = { column = "account" }
customer = { template = "c{account}" }
[counterparty]
ref = { template = "cash-{currency}@{partner}" }
"""
HEADER = "id,time,amount,way,currency,code,partner,account"
Import = Callable[..., ImportReport]


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    """A mapping file for rows with the columns of `HEADER`."""
    path = tmp_path / "shop.toml"
    path.write_text(MAPPING)
    return path


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    """A lake in a folder."""
    return Lake(str(tmp_path / "lake"), {}, tmp_path / "cache")


@pytest.fixture
def load(engine: sa.Engine, shop: Path, tmp_path: Path) -> Import:
    """Import rows of text, or a file, by the mapping of the shop."""

    def run(*rows: str | Path, mapping: Path = shop, batch: int = 3, lake: Lake | None = None) -> ImportReport:
        files = [row for row in rows if isinstance(row, Path)]
        if not files:
            files = [tmp_path / "rows.csv"]
            files[0].write_text("\n".join([HEADER, *map(str, rows)]) + "\n")
        vault, home = Vault(engine, KEYRINGS), tmp_path / "home"
        zones = None if lake is None else sole_zone(lake)
        return import_files(engine, mapping, files, vault=vault, home=home, zones=zones, batch=batch)

    return run


@pytest.fixture
def listed(engine: sa.Engine) -> Callable[..., list[sa.Row[Any]]]:
    """The rows in quarantine of a book, by default the shop's, of one state or of all."""

    def of_book(state: RowState | None = None, *, book: str = "shop") -> list[sa.Row[Any]]:
        with read(engine) as reader:
            book_id = book_named(reader.connection, book).book_id
            return list(listed_rows(reader.connection, book_id, state))

    return of_book
