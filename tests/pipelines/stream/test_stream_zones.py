"""Two jurisdictions with a root each: every byte of a book lies in its own, and a wrong setting stops the start."""

import shutil
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pyarrow.parquet as pq
import pytest
import sqlalchemy as sa
from rich.console import Console

from cofferdam.commands.lake.stream import bring_all
from cofferdam.commands.operate.doctor import examine
from lake.bronze.read import watermark
from lake.errors import Misplaced
from lake.residency.zones import Zones
from ledger.kernel.settings import Root, Settings
from ledger.tenancy.directory import Directory
from pipelines.stream.worker import run
from pipelines.verification.checks import verify
from tests.pipelines.stream.programme import Programme, open_programme
from tests.warm import cofferdam

ROOT = Path(__file__).parents[3]


@pytest.fixture
def zoned(settings: Settings, tmp_path: Path) -> Settings:
    return replace(settings, lake_url=str(tmp_path / "main"), roots={"EU": Root(str(tmp_path / "eu"))})


@pytest.fixture
def books(engine: sa.Engine) -> list[Programme]:
    made = [open_programme(engine, "us-giro"), open_programme(engine, "eu-giro", jurisdiction="EU")]
    for seed, each in enumerate(made):
        each.pay(20, seed=seed, reference=f"payment of {each.book.name}")
    return made


def files(root: Path) -> Iterator[Path]:
    return (path for path in root.rglob("*") if path.is_file())


def references(root: Path) -> set[str]:
    """What the rows of all transfers under a root say, live or not."""
    tables = (pq.read_table(path) for path in files(root) if path.suffix == ".parquet")
    named = [table for table in tables if "external_ref" in table.column_names]
    return {str(ref) for table in named for ref in table["external_ref"].to_pylist() if ref}


def require_apart(tmp_path: Path) -> None:
    for root, own, other in (("main", "us-giro", "eu-giro"), ("eu", "eu-giro", "us-giro")):
        assert f"payment of {own}" in references(tmp_path / root)
        assert f"payment of {other}" not in references(tmp_path / root)
        for path in files(tmp_path / root):
            assert other not in str(path.relative_to(tmp_path))
            assert other.encode() not in path.read_bytes()


@pytest.mark.usefixtures("books")
def test_no_byte_of_a_book_lies_in_the_root_of_another_jurisdiction(
    zoned: Settings, directory: Directory, tmp_path: Path
) -> None:
    bring_all(directory.servers(), Zones.of(zoned), Console(quiet=True))

    require_apart(tmp_path)
    checks = list(verify(zoned, directory))
    assert [check for check in checks if not check.ok] == []
    assert next(check for check in checks if check.check == "residence").detail.startswith("2 books lie in the roots")
    shown = {found.what: found for found in examine(zoned)}
    assert shown["residence"].found == "zone default has us-giro; zone EU has eu-giro"
    assert shown["lake EU writable"].ok


def test_a_worker_takes_each_book_to_its_root_also_one_that_is_opened_later(
    zoned: Settings, directory: Directory, books: list[Programme], tmp_path: Path
) -> None:
    zones, stop = Zones.of(zoned), threading.Event()
    (server,) = directory.servers()
    worker = threading.Thread(target=run, args=(server, zones), kwargs={"tick": 0.02, "stop": stop})
    worker.start()
    try:
        later = open_programme(books[0].engine, "eu-later", jurisdiction="eu")  # however it is written
        deadline = time.monotonic() + 60
        while any(watermark(zones.lake_of(each.book), each.book.name) is None for each in (*books, later)):
            assert time.monotonic() < deadline
            time.sleep(0.05)
    finally:
        stop.set()
        worker.join(timeout=30)

    require_apart(tmp_path)
    assert (tmp_path / "eu" / "eu-later" / "bronze").is_dir()
    assert not (tmp_path / "main" / "eu-later").exists()


@pytest.mark.usefixtures("books")
def test_a_setting_that_was_forgotten_is_refused_by_name_and_nothing_is_written(
    zoned: Settings, directory: Directory, tmp_path: Path
) -> None:
    bring_all(directory.servers(), Zones.of(zoned), Console(quiet=True))
    forgotten = replace(zoned, roots={})
    before = {path: path.read_bytes() for path in files(tmp_path)}

    with pytest.raises(Misplaced, match="book eu-giro is under EU"):
        bring_all(directory.servers(), Zones.of(forgotten), Console(quiet=True))
    followed = cofferdam(forgotten, "stream", timeout=120)

    assert followed.returncode == 1
    assert "let COFFERDAM_LAKE_URL_EU name the root where they lie" in followed.stderr
    assert followed.stderr.count("\n") == 1
    assert {path: path.read_bytes() for path in files(tmp_path)} == before
    found = next(found for found in examine(forgotten) if found.what == "residence")
    assert not found.ok
    assert "book eu-giro is under EU" in found.found
    wrong = {check.check: check.detail for check in verify(forgotten, directory) if not check.ok}
    assert set(wrong) == {"lake_acknowledged", "residence"}
    assert "let COFFERDAM_LAKE_URL_EU name the root where they lie" in wrong["residence"]
    assert wrong["lake_acknowledged"].startswith("follows from: residence; ")


@pytest.mark.usefixtures("books")
def test_the_journal_says_where_a_book_lies_also_when_the_roots_say_nothing_any_more(
    zoned: Settings, directory: Directory, tmp_path: Path
) -> None:
    bring_all(directory.servers(), Zones.of(zoned), Console(quiet=True))
    bring_all(directory.servers(), Zones.of(zoned), Console(quiet=True))
    mistyped = replace(zoned, lake_url=str(tmp_path / "new"), roots={"ER": Root(str(tmp_path / "eu"))})
    shutil.rmtree(tmp_path / "eu" / "_residency")

    with pytest.raises(Misplaced, match="book eu-giro: its journal says that its rows are in the root of zone EU"):
        bring_all(directory.servers(), Zones.of(mistyped), Console(quiet=True))

    assert not (tmp_path / "new").exists()
    (eu_giro,) = (place for place in directory.places(lambda *_: None) if place.book.name == "eu-giro")
    with eu_giro.engine.connect() as connection:
        facts = connection.execute(sa.text("SELECT zone, actor FROM book_residencies")).all()
    assert [tuple(fact) for fact in facts] == [("EU", "stream")]
    assert not next(found for found in examine(mistyped) if found.what == "residence").ok
    assert "residence" in [check.check for check in verify(mistyped, directory) if not check.ok]
