"""Leftovers: what killed workers leave in a folder that no commit ever named, and that a sweep has to find."""

import json
import os
import time
from pathlib import Path

from lake.delta.files import live_files
from lake.delta.maintenance import opened, sweep
from lake.tables import Lake, PublishedWatermark, table_url
from ledger.kernel.record import Record
from ledger.records import STREAMED
from ledger.tenancy.records import Book

OLD_SECONDS = 4 * 3600
"""Longer than anything that was replaced is kept."""


def swept(lake: Lake, book: Book) -> int:
    """How many leftovers of a book a sweep deletes, once they are old; then there are none, and no live one went."""
    count = 0
    for record in (*STREAMED, PublishedWatermark):
        before = leftovers(lake, book, record)
        _age(before)
        table = opened(lake, book.name, record)
        sweep(table, orphans=True)
        assert leftovers(lake, book, record) == []
        assert [
            file.path for file in live_files(table) if not _folder(lake, book, record).joinpath(file.path).exists()
        ] == []
        count += len(before)
    return count


def leftovers(lake: Lake, book: Book, record: type[Record]) -> list[Path]:
    """Files of rows, and halves of files, of which no commit speaks."""
    folder = _folder(lake, book, record)
    log = folder / "_delta_log"
    actions = [json.loads(line) for commit in log.glob("*.json") for line in commit.read_text().splitlines()]
    named = {folder / action[kind]["path"] for action in actions for kind in ("add", "remove") if kind in action}
    halves = [path for path in folder.rglob("*#*") if path.is_file()]
    return sorted({*folder.rglob("*.parquet"), *halves} - named - set(log.glob("*.checkpoint.parquet")))


def _age(paths: list[Path]) -> None:
    old = time.time() - OLD_SECONDS
    for path in paths:
        os.utime(path, (old, old))


def _folder(lake: Lake, book: Book, record: type[Record]) -> Path:
    return Path(table_url(lake.url, book.name, record))
