"""Rows in quarantine that a former version kept in the lake come into the ledger, once, whoever is killed meanwhile."""

import shutil
import signal
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Final, NamedTuple

import pyarrow as pa
import pytest
import sqlalchemy as sa
from deltalake import DeltaTable, write_deltalake

from lake.tables import Lake
from ledger.imports.quarantine import lake_may_have_rows
from ledger.imports.quarantined_rows import listed_rows
from ledger.journal.feed import cluster_id
from ledger.kernel.errors import Unavailable
from ledger.kernel.settings import Settings
from ledger.kernel.work import read
from ledger.tenancy.books import book_named
from ledger.tenancy.records import Book
from ledger.vault.vault import Vault
from pipelines.imports.adoption import adopt_rows
from pipelines.imports.quarantine import Quarantine
from pipelines.imports.quarantined_rows import give_up
from pipelines.imports.replay import replay
from pipelines.imports.report import ImportReport
from tests import warm
from tests.pipelines.stream.programme import sole_zone
from tests.warm import cofferdam

Import = Callable[..., ImportReport]
Listed = Callable[..., list[sa.Row[Any]]]

GOOD = "1,2024-01-05T10:00:00,12.50,in,USD,sale,acme,77"
MENDABLE = [f"{number},2024-01-05,1.00,IN,USD,sale,acme,77" for number in range(2, 6)]
ROWS = [*MENDABLE, "6,2024-01-05,one,in,USD,sale,acme,77"]

FORMER: Final = pa.schema(
    [(name, pa.int64()) for name in ("book_id", "line", "settled_seq")]
    + [(name, pa.timestamp("us", tz="UTC")) for name in ("quarantined_at", "settled_at")]
    + [("is_imported", pa.bool_())]
    + [
        (name, pa.string())
        for name in (
            "row_id", "file", "file_sha256", "mapping", "mapping_sha256", "declaration", "partner", "row", "rule",
            "reason", "quarantined_by", "state", "settled_by", "settled_reason",
        )
    ]
)  # fmt: skip

"""The columns that the table had in the lake."""


class Before(NamedTuple):
    """A book as a former version left it: its rows in quarantine are in the lake, and nowhere else."""

    engine: sa.Engine
    lake: Lake
    book: Book
    told: list[str]
    """What the ledger told of the rows, and is to tell of them again."""

    def adopt(self) -> None:
        adopt_rows(self.engine, sole_zone(self.lake), self.book)

    def tells(self) -> list[str]:
        """Every row in quarantine with its mapping, as text."""
        query = """
            SELECT concat(r, m) FROM quarantined_rows r LEFT JOIN quarantined_mappings m USING (book_id, mapping_sha256)
            ORDER BY r.line
        """
        with read(self.engine) as reader:
            return list(reader.connection.exec_driver_sql(query).scalars())

    def forget(self, tampering: sa.Engine) -> None:
        with tampering.begin() as connection:
            connection.exec_driver_sql("DELETE FROM quarantined_rows; DELETE FROM quarantined_mappings")
            connection.exec_driver_sql("INSERT INTO lake_quarantines SELECT book_id FROM books")

    def opened(self, vault: Vault) -> Quarantine:
        return Quarantine(self.engine, vault, self.book, actor="operator:eve")


@pytest.fixture
def before(engine: sa.Engine, tampering: sa.Engine, lake: Lake, vault: Vault, load: Import) -> Before:
    """The book of the shop with five rows in quarantine, the last of which was given up."""
    load(GOOD, *ROWS)
    with read(engine) as reader:
        book = book_named(reader.connection, "shop")
        cluster, rows = cluster_id(reader.connection), listed_rows(reader.connection, book.book_id)
    give_up(Quarantine(engine, vault, book, actor="operator:eve"), [rows[-1].row_id], reason="it is nonsense")
    query = sa.text("SELECT * FROM quarantined_rows LEFT JOIN quarantined_mappings USING (book_id, mapping_sha256)")
    with read(engine) as reader:
        found = [_former(row) for row in reader.connection.execute(query).mappings()]
    table = DeltaTable.create(
        f"{lake.url}/shop/quarantine/rows", FORMER, configuration={"cofferdam.cluster": cluster},
        raise_if_key_not_exists=False,
    )  # fmt: skip
    for part in (found[:2], found[2:]):
        write_deltalake(table, pa.Table.from_pylist(part, FORMER), mode="append")
    made = Before(engine, lake, book, [])
    made = made._replace(told=made.tells())
    made.forget(tampering)
    return made


def test_rows_of_a_former_version_come_into_the_ledger_once_and_are_replayed_there(
    before: Before, vault: Vault, shop: Path
) -> None:
    before.adopt()
    adopted = before.tells()
    shutil.rmtree(before.lake.url)
    before.adopt()

    shop.write_text(shop.read_text().replace("in = ", 'IN = "credit", in = '))
    report = replay(before.opened(vault), mended=shop)
    assert (len(adopted), adopted) == (5, before.told)
    assert (report.rows, report.replayed, report.is_whole) == (4, 4, True)


@pytest.mark.parametrize("pieces", [1, 2])
def test_an_adoption_that_is_killed_leaves_nothing_and_the_next_brings_all(
    before: Before, database_url: str, pieces: int
) -> None:
    arguments = [database_url, before.lake.url, str(before.lake.cache), str(pieces)]
    killed = warm.python(_KILLED, *arguments)

    between = before.tells()
    before.adopt()

    assert (killed.returncode, between) == (-signal.SIGKILL, []), killed.stderr
    assert before.tells() == before.told


def test_of_two_that_adopt_at_once_the_second_finds_it_done(before: Before) -> None:
    with ThreadPoolExecutor(2) as both:
        for done in [both.submit(before.adopt) for _ in range(2)]:
            done.result()

    assert before.tells() == before.told


def test_a_settled_row_does_not_wait_again_because_the_lake_says_so(
    before: Before, vault: Vault, listed: Listed, tampering: sa.Engine
) -> None:
    before.adopt()
    give_up(before.opened(vault), [listed()[0].row_id], reason="it is nonsense")
    with tampering.begin() as connection:
        connection.exec_driver_sql("INSERT INTO lake_quarantines SELECT book_id FROM books")

    before.adopt()

    assert [row.state for row in listed()] == ["given_up", "waiting", "waiting", "waiting", "given_up"]


def test_a_lake_that_is_elsewhere_is_looked_at_again_when_it_is_back(before: Before, tmp_path: Path) -> None:
    before._replace(lake=Lake(str(tmp_path / "elsewhere"), {}, tmp_path)).adopt()
    with before.engine.connect() as connection:
        may_have_rows = lake_may_have_rows(connection, before.book.book_id)
    before.adopt()

    assert may_have_rows
    assert before.tells() == before.told


def test_an_import_brings_the_former_rows_first_and_adds_none_of_them_again(before: Before, load: Import) -> None:
    report = load(GOOD, *ROWS, lake=before.lake)

    assert report.quarantined == 5
    assert before.tells() == before.told


def test_a_table_that_cannot_be_read_is_told_in_one_line_and_keeps_no_import_from_its_end(
    before: Before, load: Import
) -> None:
    damaged, *_ = Path(before.lake.url, "shop/quarantine/rows").glob("*.parquet")
    whole = damaged.read_bytes()
    damaged.write_bytes(b"nonsense")

    with pytest.raises(Unavailable, match="where a former version kept them, and cannot be read: "):
        before.adopt()
    report = load(GOOD, *ROWS, lake=before.lake)
    damaged.write_bytes(whole)
    again = load(GOOD, *ROWS, lake=before.lake)

    assert (report.rows, report.quarantined, again.quarantined) == (6, 0, 5)
    assert report.quarantine.startswith("not all of them are in quarantine, run the same again: rows in quarantine of ")
    assert "\n" not in report.quarantine
    assert before.tells() == before.told


@pytest.mark.parametrize("is_damaged", [False, True])
def test_the_stream_brings_them_and_goes_on_without_a_damaged_table(
    settings: Settings, before: Before, *, is_damaged: bool
) -> None:
    if is_damaged:
        for file in Path(before.lake.url, "shop/quarantine/rows").glob("*.parquet"):
            file.write_bytes(b"nonsense")

    environ = {**settings.child_environ(), "COFFERDAM_LAKE_URL": before.lake.url}
    streamed = cofferdam(environ, "stream", "--once", timeout=120)

    assert streamed.returncode == 0, streamed.stderr
    assert ("where a former version kept them, and cannot be read: " in streamed.stderr) == is_damaged
    assert before.tells() == ([] if is_damaged else before.told)
    assert Path(before.lake.url, "shop/watermarks").is_dir()


def test_the_table_of_another_ledger_is_not_taken_for_this_ones(before: Before) -> None:
    log = Path(before.lake.url, "shop/quarantine/rows/_delta_log", f"{0:020}.json")
    with before.engine.connect() as connection:
        log.write_text(log.read_text().replace(cluster_id(connection), "7"))

    with pytest.raises(Unavailable, match="belong to another ledger"):
        before.adopt()

    assert before.tells() == []


_KILLED: Final = """
import os, signal, sys
from pathlib import Path
from lake.bronze import quarantine
from lake.tables import Lake
from ledger.kernel.engines import create_engine
from ledger.kernel.settings import Settings
from ledger.kernel.work import read
from ledger.tenancy.books import book_named
from pipelines.imports import adoption
from tests.pipelines.stream.programme import sole_zone
url, lake_url, cache, pieces = sys.argv[1:]
quarantine._ROWS, bring, left = 2, adoption.bring_rows, [int(pieces)]
def bring_and_die(work, rows):
    bring(work, rows)
    left[0] -= 1
    if not left[0]:
        os.kill(os.getpid(), signal.SIGKILL)
adoption.bring_rows = bring_and_die
engine = create_engine(url)
with read(engine) as reader:
    book = book_named(reader.connection, "shop")
adoption.adopt_rows(engine, sole_zone(Lake(lake_url, {}, Path(cache))), book)
"""


def _former(row: sa.RowMapping) -> dict[str, object]:
    """A row as it was in the lake: bytes as hex text, ids as text, and a settled one with its sealed text."""
    texts = {name: value.hex() if isinstance(value, bytes) else value for name, value in row.items()}
    return {**texts, "row_id": str(row["row_id"]), "row": row["row"] or "s1.gone.gone"}
