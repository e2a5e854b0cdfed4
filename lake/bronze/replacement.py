"""The exchange of a book's tables for those that were made beside them; who is killed in it can be followed up.

    <root>/_rebuild/<book>/…                the tables that are made, laid out as in the root
    <root>/_rebuild/<book>/exchange.json    what is to be exchanged; while it is there, nobody writes to the book

The files of the new table are put beside those of the old one, and then one log takes the place of the other. So files
that a reader holds a list of stay where they are: in no log any more, they are swept when the usual hours have passed.
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
    """Which tables of a book are to be exchanged, by their names and places, and the watermark that holds afterwards.

    The watermark is None where the exchange moves none: of silver, or of a book whose journal is empty.
    """

    places: dict[str, str]
    watermark: Watermark | None

    @classmethod
    def of(cls, book_name: str, records: tuple[type[Record], ...], watermark: Watermark | None) -> Self:
        """The exchange of these records' tables."""
        return cls({record.TABLE: table_url("", book_name, record).removeprefix("/") for record in records}, watermark)


def stage_of(lake: Lake) -> Lake:
    """Where tables are made that take the place of others: in the same root, so on the same disk and under its law."""
    return replace(lake, url=f"{lake.url}/{_STAGE}", cache=lake.cache / _STAGE)


def plan_exchange(lake: Lake, book_name: str, exchange: Exchange) -> None:
    """Put down what will be exchanged, once all of it is made: it is brought to its end from here. Raises `OSError`."""
    ObjectStore(lake, _folder(lake, book_name)).put(_PLAN, json.dumps(asdict(exchange)).encode())


def planned_exchange(lake: Lake, book_name: str) -> Exchange | None:
    """The exchange of a book that was begun and not brought to its end; None where there is none. Raises `OSError`."""
    if lake.is_local and not Path(_folder(lake, book_name)).exists():
        return None  # to open a folder as a store makes it
    try:
        plan = json.loads(ObjectStore(lake, _folder(lake, book_name)).get(_PLAN))
    except FileNotFoundError:
        return None
    return Exchange(plan["places"], Watermark(**plan["watermark"]) if plan["watermark"] else None)


def require_no_exchange(lake: Lake, book_name: str) -> None:
    """Nothing is written to a book between two logs. Raises `DamagedLake` with the command that ends the exchange."""
    if (found := planned_exchange(lake, book_name)) is not None:
        table = next(iter(found.places)) if len(found.places) == 1 else ""
        raise DamagedLake(
            f"book {book_name!r} was being made anew, and {', '.join(found.places)} may be exchanged or not; bring it "
            f"to its end: {f'cofferdam stream --rebuild {book_name} {table}'.rstrip()}"
        )


def exchange_tables(lake: Lake, exchange: Exchange) -> None:
    """Let the tables that were made take the place of those that stand. Done again, it goes on. Raises `OSError`."""
    for place in exchange.places.values():
        if lake.is_local:
            _exchange_folders(Path(lake.url, _STAGE, place), Path(lake.url, place))
        else:
            _exchange_objects(ObjectStore(lake, lake.url), f"{_STAGE}/{place}", place)


def clear_stage(lake: Lake, book_name: str) -> None:
    """Remove what was made beside a book: the plan first, for what is left without one is nothing. Raises `OSError`."""
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
        return  # it has taken its place already
    standing.mkdir(parents=True, exist_ok=True)
    for replaced in standing.rglob("*.parquet"):
        os.utime(replaced)  # from now on it is kept for as long as any file that was replaced
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
    """In a store one log cannot take the place of another at once: in between readers fail, and never see a part."""
    names = store.names(made)
    log = [name for name in names if name.startswith(f"{made}/{LOG_FOLDER}/")]
    for name in names:
        if name not in log:
            store.copy(name, standing + name.removeprefix(made))
    old = store.names(f"{standing}/{LOG_FOLDER}")
    begins = [*(name for name in old if not name.endswith(".json")), *old[:1]]
    store.delete(begins)  # without its beginning a log is none
    store.delete([name for name in old if name not in begins])
    for name in reversed(log):
        store.copy(name, standing + name.removeprefix(made))
