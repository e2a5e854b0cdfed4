"""The warehouse: the DuckDB file with the marts, built separately and published by one rename.

Each build has a folder of its own, so that two builds never interfere. The file keeps its name in all folders, because
DuckDB names a database, and views name what they read, after the file.
"""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

import duckdb

from ledger.kernel.clock import Clock, system_clock
from ledger.kernel.errors import InvalidInput
from ledger.kernel.settings import Settings
from pipelines.marts.sources import PinnedBook, pinned_books

_BEGAN: Final = "began"
"""An empty file in a build's folder, created when the build began."""

_STORAGE: Final = {"storage_compatibility_version": "v1.0.0"}
"""The oldest DuckDB that can read the file: BI tools ship 1.x. dbt keeps the storage of the file that it is given.

Keys are tested and no constraints: the index of one is written in a form that DuckDB 1.0 cannot read.
"""

_LEFT_BEHIND: Final = timedelta(hours=1)  # a build takes minutes; an older folder belongs to a killed run


def new_building(settings: Settings, run_id: str, *, clock: Clock = system_clock) -> Path:
    """Return the path for a run's warehouse in an empty folder; deletes the folders of killed runs."""
    site = _site(settings)
    for folder in site.glob("*"):
        if datetime.fromtimestamp(folder.stat().st_mtime, UTC) < clock() - _LEFT_BEHIND:
            shutil.rmtree(folder, ignore_errors=True)
    shutil.rmtree(site / run_id, ignore_errors=True)
    (site / run_id).mkdir(parents=True)
    (site / run_id / _BEGAN).touch()
    return _place(settings, run_id)


def building(settings: Settings, run_id: str) -> Path:
    """Return the file that a run builds. Raises `InvalidInput` if the run did not begin with a snapshot."""
    if not has_begun(settings, run_id):
        raise InvalidInput("this run has no snapshot of the lake: it begins with the asset `lake_snapshot`")
    return _place(settings, run_id)


def has_begun(settings: Settings, run_id: str) -> bool:
    """Return whether the run has a snapshot to build on."""
    return _place(settings, run_id).exists()


def publish(settings: Settings, run_id: str) -> bool:
    """Publish the built file; processes with the old file open keep reading it. Deletes the run's folder.

    Returns False if another run has published a later snapshot since this run began: that one stays.
    """
    built = building(settings, run_id)
    if _is_overtaken(settings.warehouse, built):
        shutil.rmtree(built.parent)
        return False
    with opened(built) as warehouse:
        warehouse.execute("CHECKPOINT")
    with built.open("rb") as file:
        os.fsync(file.fileno())  # after a power cut the name must not exist without the bytes
    settings.warehouse.with_name(f"{settings.warehouse.name}.wal").unlink(missing_ok=True)
    built.replace(settings.warehouse)
    shutil.rmtree(built.parent)
    return True


def standing_cuts(settings: Settings) -> list[PinnedBook]:
    """Return the watermarks of the published warehouse; none if there is none."""
    if not settings.warehouse.exists():
        return []
    with opened(settings.warehouse, read_only=True) as warehouse:
        return pinned_books(warehouse)


@contextmanager
def opened(path: Path, *, read_only: bool = False) -> Iterator[duckdb.DuckDBPyConnection]:
    """Connect to a warehouse; the time zone of dates is UTC. A new file is readable for DuckDB 1.0 and later."""
    with duckdb.connect(str(path), read_only=read_only, config={} if read_only else dict(_STORAGE)) as warehouse:
        warehouse.execute("SET TimeZone = 'UTC'")
        yield warehouse


def _is_overtaken(standing: Path, built: Path) -> bool:
    """Compare only with builds since the run began, so that a database restored from a backup can publish again."""
    began = (built.parent / _BEGAN).stat().st_mtime_ns
    if not standing.exists() or standing.stat().st_mtime_ns < began:
        return False
    positions = []
    for path in (standing, built):
        with opened(path, read_only=True) as warehouse:
            positions.append({cut.book_name: cut.watermark.seq for cut in pinned_books(warehouse)})
    there, here = positions
    return any(there.get(book, 0) > seq for book, seq in here.items())


def _place(settings: Settings, run_id: str) -> Path:
    return _site(settings) / run_id / settings.warehouse.name


def _site(settings: Settings) -> Path:
    return settings.home / "building"
