"""Rejected rows: the file that lists them, line by line, with the reason of each."""

import csv
import io
from collections.abc import Sequence
from datetime import datetime
from io import FileIO
from pathlib import Path
from typing import Final

from pipelines.imports.chunks import RejectedRow

HEADER: Final = ("line", "external_id", "reason", "detail")
"""The columns of a file of rejected rows; the line is a row number, from 1, where the history is Parquet."""


class RejectedRows:
    """The list of one file's rejected rows under `<home>/imports`; created with the first of them."""

    def __init__(self, home: Path, *, mapping: str, file: Path, at: datetime) -> None:
        self._target = home / "imports" / f"{mapping}-{file.name}-{at:%Y%m%dT%H%M%S%fZ}.rejected.csv"
        self.path: Path | None = None

    def add(self, rows: Sequence[RejectedRow]) -> None:
        """Append rows, all or none: a partial write on a full disk is truncated. Raises `OSError`."""
        if not rows:
            return
        self._target.parent.mkdir(parents=True, exist_ok=True)
        lines = io.StringIO()
        writer = csv.writer(lines)
        writer.writerows([] if self.path else [HEADER])
        writer.writerows((row.line, row.external_id, row.fault.rule, row.fault.detail) for row in rows)
        self.path = self._target
        with self._target.open("ab", buffering=0) as stream:
            _append(stream, lines.getvalue().encode())


def _append(stream: FileIO, content: bytes) -> None:
    before = stream.seek(0, io.SEEK_END)
    try:
        while content:
            content = content[stream.write(content) :]
    except OSError:
        stream.truncate(before)
        raise
