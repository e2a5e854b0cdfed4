"""The log lines of a test, as the JSON that a program reads, in whatever thread they were written."""

import io
import json
import logging
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from ledger.kernel.settings import Settings
from ledger.kernel.structured_logging import OURS, stderr_handler

_SECONDS: Final = 10


class LogLines:
    """All lines of this process, ours from debug on, while the block of `captured` runs."""

    def __init__(self) -> None:
        self.stream = io.StringIO()

    @property
    def text(self) -> str:
        return self.stream.getvalue()

    def all(self, **fields: object) -> list[dict[str, Any]]:
        """The lines with these fields."""
        lines = map(json.loads, self.text.splitlines())
        return [line for line in lines if fields.items() <= line.items()]

    def one(self, **fields: object) -> dict[str, Any]:
        """The one line with these fields, which may be written only after the answer was sent."""
        deadline = time.monotonic() + _SECONDS
        while not (found := self.all(**fields)) and time.monotonic() < deadline:
            time.sleep(0.01)
        (line,) = found
        return line


@contextmanager
def captured(settings: Settings | None = None) -> Iterator[LogLines]:
    lines = LogLines()
    handler = stderr_handler(settings or Settings(home=Path(), lake_url="lake"), lines.stream)
    ours, root = logging.getLogger(OURS), logging.getLogger()
    level = ours.level
    ours.setLevel(logging.DEBUG)
    root.addHandler(handler)
    try:
        yield lines
    finally:
        root.removeHandler(handler)
        ours.setLevel(level)
