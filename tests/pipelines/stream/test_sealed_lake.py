"""What is personal in the lake: sealed in every byte, and unreadable in every copy once its subject is forgotten."""

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pyarrow.parquet as pq
import pytest
import sqlalchemy as sa
from deltalake import DeltaTable

from lake.tables import Lake, table_url
from ledger.book.accounts.accounts import AccountOrder
from ledger.book.audits.audit import audit
from ledger.book.judging.orders import TransferOrder
from ledger.book.judging.results import Result
from ledger.book.posting.posting import post
from ledger.book.records.accounts import AccountId, AccountKind
from ledger.book.records.transfers import Transfer, TransferId
from ledger.flows.accounts import open_accounts
from ledger.kernel.ids import new_id
from ledger.kernel.work import begin, read
from ledger.personal_data.counterparties import sealed_orders
from ledger.personal_data.customers import CUSTOMER_REF, CustomerOrder, register_customers
from ledger.personal_data.erasure import Eraser, forget
from ledger.personal_data.subjects import COUNTERPARTY, counterparty_subject, customer_subject
from ledger.tenancy.records import Customer, CustomerId
from ledger.vault.sealing import PersonalValue
from ledger.vault.vault import Vault
from pipelines.stream.audit import compare
from pipelines.stream.worker import stream_once
from tests.conftest import KEYRINGS
from tests.pipelines.stream.programme import Programme

NAME, EMAIL, ACCOUNT = "Zebulon Quix, 12 High St", "zebulon.quix@example.org", "corner-shop:DE89370400440532013000"
KNOWN = [NAME, EMAIL, ACCOUNT.partition(":")[2], "Zebulon", "zebulon.quix"]


@pytest.fixture
def zebulon(programme: Programme, vault: Vault) -> CustomerId:
    """A customer with an account of a known number, and transfers that name it as their other side."""
    with begin(programme.engine, actor="test") as work:
        order = CustomerOrder(programme.partner_id, None, EMAIL)
        (customer_id,) = register_customers(work, vault, programme.book.book_id, [order]).values()
        account_id = AccountId(new_id())
        whose = (programme.partner_id, customer_id, ACCOUNT, "USD", AccountKind.CUSTOMER)
        open_accounts(work, vault, programme.book.book_id, [AccountOrder(account_id, *whose)])
    _pay(programme, vault, NAME, EMAIL, None)
    return customer_id


def test_no_byte_of_the_lake_says_a_name_an_address_or_an_account_number(
    lake: Lake, programme: Programme, zebulon: CustomerId
) -> None:
    programme.pay(20)
    stream_once(programme.engine, lake, programme.book)
    for record in (Customer, Transfer):
        DeltaTable(table_url(lake.url, programme.book.name, record)).create_checkpoint()

    said = dict(_bytes_of(Path(lake.url)))

    assert str(zebulon).encode() in said["customers cells"], "the search looks where the customer is"
    assert b"s1." in said["transfers cells"]
    assert any("checkpoint" in name for name in said)
    assert any(name.endswith(".json") for name in said)
    assert [(name, text) for name, raw in said.items() for text in KNOWN if text.encode() in raw] == []


def test_forgetting_makes_ledger_lake_older_versions_and_backups_unreadable_and_leaves_the_money(
    lake: Lake, programme: Programme, zebulon: CustomerId, vault: Vault, tmp_path: Path
) -> None:
    stream_once(programme.engine, lake, programme.book)
    old = DeltaTable(table_url(lake.url, programme.book.name, Transfer)).version()
    shutil.copytree(lake.url, tmp_path / "backup")
    _pay(programme, vault, NAME)
    stream_once(programme.engine, lake, programme.book)
    places = [_lake(lake.url, programme), _lake(str(tmp_path / "backup"), programme), _ledger(programme)]
    places.append(_lake(lake.url, programme, version=old))
    assert [sorted(_opened(programme, place)) for place in places] == [
        [NAME, NAME, EMAIL, EMAIL], [NAME, EMAIL, EMAIL], [NAME, NAME, EMAIL, EMAIL], [NAME, EMAIL, EMAIL],
    ]  # fmt: skip
    sums = _sums(lake, programme)

    forgetter = Eraser(programme.engine, vault, "operator:eve")
    with read(programme.engine) as reader:
        whom = customer_subject(reader, programme.book.book_id, zebulon)
        other = counterparty_subject(reader, vault, programme.book.book_id, partner_id=programme.partner_id, text=NAME)
    forget(forgetter, whom, reason="asked")
    forget(forgetter, other, reason="asked")

    assert [list(_opened(programme, place)) for place in places] == [[], [], [], []]
    assert _sums(lake, programme) == sums
    stream_once(programme.engine, lake, programme.book)
    with read(programme.engine) as reader:
        findings = [*audit(reader, programme.book.book_id), *compare(programme.engine, lake, programme.book)]
    assert [finding for finding in findings if not finding.ok] == []


def _pay(programme: Programme, vault: Vault, *counterparties: str | None) -> None:
    debit, credit = programme.accounts[1], programme.accounts[3]
    common = (programme.partner_id, debit, credit, 5, "USD", "payment")
    orders = [TransferOrder(TransferId(new_id()), *common, counterparty=each) for each in counterparties]
    sealed = sealed_orders(vault, programme.book.book_id, orders)
    outcomes = post(programme.engine, programme.book.book_id, sealed)
    assert {outcome.result for outcome in outcomes} == {Result.CREATED}


def _bytes_of(folder: Path) -> Iterator[tuple[str, bytes]]:
    """Every file as it stands; and of Parquet files, whose pages are packed, every cell as text, by table."""
    cells: dict[str, list[str]] = {}
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        yield str(path.relative_to(folder)), path.read_bytes()
        if path.suffix == ".parquet":
            folders = path.relative_to(folder).parts[-2::-1]
            table = next(part for part in folders if "=" not in part)  # the folder of a day is no table
            rows = pq.ParquetFile(path).read().to_pylist()
            cells.setdefault(table, []).append(json.dumps(rows, default=str, ensure_ascii=False))
    for table, texts in cells.items():
        yield f"{table} cells", "\n".join(texts).encode()


_Sealed = list[tuple[str, str]]


def _lake(url: str, programme: Programme, version: int | None = None) -> _Sealed:
    """What a lake has in its personal columns; `version` is of the table of transfers."""
    found: _Sealed = []
    for column, record, at in ((CUSTOMER_REF, Customer, None), (COUNTERPARTY, Transfer, version)):
        table = DeltaTable(table_url(url, programme.book.name, record), version=at).to_pyarrow_table()
        found += [(column, text) for text in table[column.partition(".")[2]].to_pylist() if text is not None]
    return found


def _ledger(programme: Programme) -> _Sealed:
    found: _Sealed = []
    for column in (CUSTOMER_REF, COUNTERPARTY):
        table, name = column.split(".")
        with programme.engine.connect() as connection:
            query = sa.text(f"SELECT {name} FROM {table} WHERE {name} IS NOT NULL")
            found += [(column, text) for text in connection.execute(query).scalars()]
    return found


def _opened(programme: Programme, sealed: _Sealed) -> Iterator[str]:
    """What can be read of them, by a process that starts now; the programme's own first customer apart."""
    vault = Vault(programme.engine, KEYRINGS)
    values = [PersonalValue(programme.partner_id, column, text) for column, text in sealed]
    texts = vault.open_sealed(programme.book.book_id, values)
    return (text for text in texts if text is not None and not text.startswith("jane"))


def _sums(lake: Lake, programme: Programme) -> tuple[object, ...]:
    rows = DeltaTable(table_url(lake.url, programme.book.name, Transfer)).to_pyarrow_table()
    with duckdb.connect() as memory:
        memory.register("rows", rows)
        found = memory.execute(
            "SELECT count(*), sum(amount_minor), max(debit_account_debits_minor) FROM rows"
        ).fetchone()
    assert found is not None
    return found
