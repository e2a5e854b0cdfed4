"""A lake, in a folder or in an object store, and rows of transfers to write to it."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path

import pyarrow as pa
import pytest

from lake.schema import arrow_schema
from lake.tables import Lake
from ledger.book.records.transfers import Transfer
from ledger.kernel.settings import Settings
from ledger.tenancy.records import Book

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
CARDS = Book(book_id=1, name="cards", jurisdiction="US", currency="USD", created_at=NOON)
_COUNTED = (
    "debit_account_debits_minor",
    "debit_account_credits_minor",
    "credit_account_debits_minor",
    "credit_account_credits_minor",
    "debit_account_no",
    "credit_account_no",
    "partner_no",
    "actor_no",
)


@pytest.fixture
def folder_lake(tmp_path: Path) -> Lake:
    return Lake(str(tmp_path / "a lake"), {}, tmp_path / "cache")


@pytest.fixture
def store_lake(tmp_path: Path, store_environ: dict[str, str]) -> Lake:
    return Lake.of(Settings.from_env({"COFFERDAM_HOME": str(tmp_path), **store_environ}))


@pytest.fixture(params=["folder", "store"])
def lake(request: pytest.FixtureRequest) -> Lake:
    """What is said of a lake holds wherever it lies; tests that open its files by path ask for `folder_lake`."""
    return request.getfixturevalue(f"{request.param}_lake")


@pytest.fixture
def book() -> Book:
    return CARDS


@pytest.fixture
def transfers() -> Callable[..., pa.Table]:
    """Rows of transfers at the positions after < seq <= upto."""

    def rows(after: int, upto: int, *, amount_minor: int | None = 5, code: str = "payment") -> pa.Table:
        row = {
            "book_id": 1,
            "recorded_at": NOON,
            "transfer_id": "t",
            "kind": "transfer",
            "amount_minor": amount_minor,
            **dict.fromkeys(_COUNTED, 1),
            "currency": "USD",
            "code": code,
            "effective_at": NOON,
            "booked_on": date(2026, 3, 1),
        }
        rows = [{**row, "seq": seq} for seq in range(after + 1, upto + 1)]
        lenient = pa.schema(field.with_nullable(True) for field in arrow_schema(Transfer))
        return pa.Table.from_pylist(rows, schema=lenient)

    return rows
