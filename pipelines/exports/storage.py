"""Storage of exports in the home: a folder for each, which only its owner may read, whole or not there."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import mkdtemp
from typing import Final

from ledger.exports.export_queries import ExportOf
from ledger.exports.records import ExportId
from ledger.public_ids import public

_MAKING: Final = ".making"


def export_folder(home: Path, book_name: str, what: ExportOf, export_id: ExportId) -> Path:
    """Return the folder of an export in a home: by book, report, last date and id."""
    return home / "exports" / book_name / what.report / str(what.until_on) / public("export", export_id)


@contextmanager
def new_folder(home: Path) -> Iterator[Path]:
    """Make a folder beside those of the exports while the block runs; what is not stored by its end is deleted."""
    making = home / "exports" / _MAKING
    making.mkdir(mode=0o700, parents=True, exist_ok=True)
    folder = Path(mkdtemp(dir=making))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def store(folder: Path, place: Path) -> None:
    """Move a folder to its place by one rename, durable and read-only; one that a killed run left there is replaced."""
    for path in folder.iterdir():
        path.chmod(0o400)
        _sync(path)
    _sync(folder)
    place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    if place.exists():
        shutil.rmtree(place)
    folder.rename(place)
    _sync(place.parent)


def _sync(path: Path) -> None:
    opened = os.open(path, os.O_RDONLY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)
