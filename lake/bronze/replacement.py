"""Exchanges a book's tables for rebuilt ones; if the process is killed, the exchange can be completed later.

    <root>/_rebuild/<book>/…                the rebuilt tables, in the same layout as in the root
    <root>/_rebuild/<book>/exchange.json    the planned exchange; while it exists, nobody writes to the book

The files of the new table are added beside those of the old one, and then its log replaces the old log. So files that a
reader has listed stay available: without a log entry, vacuum deletes them after the usual hours.
"""

import json
import os
import shutil
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Final, Self

from lake.bronze.read import Watermark
from lake.delta.logs import LOG_FOLDER
from lake.delta.store import ObjectStore
from lake.errors import DamagedLake
from lake.tables import Lake, table_url
from ledger.kernel.record import Record

_STAGE: Final = "_rebuild"  # no book can have this name
_PLAN: Final = "exchange.json"
_ASIDE: Final = "_replaced_log"


@dataclass(frozen=True, slots=True)
class Exchange:
    """An exchange of tables of a book, by their names and paths, and the watermark that applies afterwards.

    The watermark is None if the exchange moves none: for silver, or for a book whose journal is empty.
    """

    places: dict[str, str]
    watermark: Watermark | None

    @classmethod
    def of(cls, book_name: str, records: tuple[type[Record], ...], watermark: Watermark | None) -> Self:
        """Return the exchange of these records' tables."""
        return cls({record.TABLE: table_url("", book_name, record).removeprefix("/") for record in records}, watermark)


def stage_of(lake: Lake) -> Lake:
    """Return the lake for rebuilt tables: in the same root, so on the same disk and in the same jurisdiction."""
    return replace(lake, url=f"{lake.url}/{_STAGE}", cache=lake.cache / _STAGE)


def plan_exchange(lake: Lake, book_name: str, exchange: Exchange) -> None:
    """Store the planned exchange after its tables are built: it can be completed from here. Raises `OSError`."""
    ObjectStore(lake, _folder(lake, book_name)).put(_PLAN, json.dumps(asdict(exchange)).encode())


def planned_exchange(lake: Lake, book_name: str) -> Exchange | None:
    """Return the exchange of a book that was begun and not completed, or None. Raises `OSError`."""
    if lake.is_local and not Path(_folder(lake, book_name)).exists():
        return None  # opening a folder as a store creates it
    try:
        plan = json.loads(ObjectStore(lake, _folder(lake, book_name)).get(_PLAN))
    except FileNotFoundError:
        return None
    return Exchange(plan["places"], Watermark(**plan["watermark"]) if plan["watermark"] else None)


def require_no_exchange(lake: Lake, book_name: str) -> None:
    """Refuse to write to a book during an exchange. Raises `DamagedLake` with the command that completes it."""
    if (found := planned_exchange(lake, book_name)) is not None:
        table = next(iter(found.places)) if len(found.places) == 1 else ""
        raise DamagedLake(
            f"book {book_name!r} was being rebuilt, and {', '.join(found.places)} may be exchanged or not; bring it "
            f"to its end: {f'cofferdam stream --rebuild {book_name} {table}'.rstrip()}"
        )


def exchange_tables(lake: Lake, exchange: Exchange) -> None:
    """Replace the current tables by the rebuilt ones. A repeated call continues. Raises `OSError`."""
    for place in exchange.places.values():
        if lake.is_local:
            _exchange_folders(Path(lake.url, _STAGE, place), Path(lake.url, place))
        else:
            _exchange_objects(ObjectStore(lake, lake.url), f"{_STAGE}/{place}", place)


def clear_stage(lake: Lake, book_name: str) -> None:
    """Remove a book's rebuilt tables, the plan first: without a plan the rest is unused. Raises `OSError`."""
    shutil.rmtree(lake.cache / _STAGE / book_name, ignore_errors=True)
    folder = Path(_folder(lake, book_name))
    if lake.is_local:
        (folder / _PLAN).unlink(missing_ok=True)
        if folder.exists():
            shutil.rmtree(folder)
        return
    store = ObjectStore(lake, _folder(lake, book_name))
    store.delete([_PLAN])
    store.delete(store.names(""))


def _folder(lake: Lake, book_name: str) -> str:
    return f"{lake.url}/{_STAGE}/{book_name}"


def _exchange_folders(made: Path, standing: Path) -> None:
    log, made_log = standing / LOG_FOLDER, made / LOG_FOLDER
    if not made_log.exists():
        return  # already exchanged
    standing.mkdir(parents=True, exist_ok=True)
    for replaced in standing.rglob("*.parquet"):
        os.utime(replaced)  # from now on it is kept as long as any replaced file
    for file in made.rglob("*.parquet"):
        place = file.relative_to(made)
        target = standing / place
        if place.parts[0] not in (LOG_FOLDER, _ASIDE) and not target.exists():
            target.parent.mkdir(parents=True, exist_ok=True)
            os.link(file, target)
    if log.exists():
        shutil.rmtree(made / _ASIDE, ignore_errors=True)
        log.rename(made / _ASIDE)
    made_log.rename(log)


def _exchange_objects(store: ObjectStore, made: str, standing: str) -> None:
    """Exchange objects; a log cannot be replaced atomically there, so that readers fail in between, safely."""
    names = store.names(made)
    log = [name for name in names if name.startswith(f"{made}/{LOG_FOLDER}/")]
    for name in names:
        if name not in log:
            store.copy(name, standing + name.removeprefix(made))
    old = store.names(f"{standing}/{LOG_FOLDER}")
    begins = [*(name for name in old if not name.endswith(".json")), *old[:1]]
    store.delete(begins)  # without its beginning a log is unreadable
    store.delete([name for name in old if name not in begins])
    for name in reversed(log):
        store.copy(name, standing + name.removeprefix(made))
