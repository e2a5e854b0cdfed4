"""Structured logging: writes each line of a process to standard error, as JSON for programs or as text for people.

The members `timestamp`, `level`, `logger` and `event` are named as structlog names them, which Dagster writes with. No
line has the text of an exception, which may quote what somebody entered; `COFFERDAM_DEBUG` adds it.
"""

import json
import logging
import re
import sys
import traceback
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Final, TextIO

import orjson

from ledger.kernel.log_context import bound_fields
from ledger.kernel.settings import Settings

OURS: Final = "cofferdam"
"""The logger above all of ours. `COFFERDAM_LOG_LEVEL` is for these alone: below warnings, libraries write what is in
statements and requests."""

_OPTIONS: Final = orjson.OPT_NON_STR_KEYS | orjson.OPT_PASSTHROUGH_DATETIME | orjson.OPT_PASSTHROUGH_DATACLASS
_STANDARD: Final = frozenset(logging.makeLogRecord({}).__dict__) | {"message", "asctime"}
_SECRETS: Final = (
    ("://", re.compile(r"://[^/\s\"]*@"), "://***@"),
    ("password=", re.compile(r"password=[^\s&\"]+"), "password=***"),
    ("cdk_", re.compile(r"cdk_(?:test_)?[0-9a-f]{32}_[\w-]+"), "cdk_***"),
)
"""The sign of each secret that could slip into a text, its pattern, and what is written in its place."""


def configure(settings: Settings) -> None:
    """Let this process write all of its lines as the settings say, those of libraries from warnings on."""
    made = stderr_handler(settings)
    logging._srcfile = None  # noqa: SLF001  # as the documentation of logging advises
    logging.basicConfig(level=logging.WARNING, handlers=[made], force=True)
    _take_over(made, settings)


def configure_ours(settings: Settings, *filters: logging.Filter) -> None:
    """Let this process write our lines as the settings say, where a host such as Dagster writes its own."""
    made = stderr_handler(settings)
    for each in filters:
        made.addFilter(each)
    _take_over(made, settings)


def stderr_handler(settings: Settings, stream: TextIO | None = None) -> logging.Handler:
    """Make a handler that writes to standard error, or to `stream`."""
    made = logging.StreamHandler(stream or sys.stderr)
    is_json = writes_json(settings, made.stream)
    made.setFormatter((JsonFormatter if is_json else TextFormatter)(with_fault_texts=settings.debug))
    return made


def writes_json(settings: Settings, stream: TextIO) -> bool:
    """Return True if the settings choose JSON, or if they choose nothing and the stream is not a terminal."""
    return settings.log_format == "json" or (settings.log_format is None and not stream.isatty())


class JsonFormatter(logging.Formatter):
    """A JSON object on one line."""

    def __init__(self, *, with_fault_texts: bool = False) -> None:
        super().__init__()
        self._with_fault_texts: Final = with_fault_texts

    def format(self, record: logging.LogRecord) -> str:
        """Return `{"timestamp": …, "level": …, "logger": …, "event": …}` with fields and traceback."""
        line = {
            "timestamp": _instant(record),
            "level": record.levelname.lower(),
            "logger": record.name,
            "event": record.getMessage(),
            **_fields(record),
        }
        if record.exc_info:
            line["exception"] = _traceback(record.exc_info[1], with_texts=self._with_fault_texts)
        return _without_secrets(_as_json(line))


class TextFormatter(logging.Formatter):
    """A line that a person reads, with its fields behind it; a traceback follows on lines of its own."""

    def __init__(self, *, with_fault_texts: bool = False) -> None:
        super().__init__()
        self._with_fault_texts: Final = with_fault_texts

    def format(self, record: logging.LogRecord) -> str:
        """Return `2026-11-27T10:00:00.000Z INFO cofferdam.api the event name=value`."""
        fields = [f"{name}={_printable(str(value))}" for name, value in _fields(record).items()]
        event = _printable(record.getMessage())
        line = " ".join([_instant(record), record.levelname, record.name, event, *fields])
        if record.exc_info:
            line += "\n" + _traceback(record.exc_info[1], with_texts=self._with_fault_texts)
        return _without_secrets(line)


def _take_over(made: logging.Handler, settings: Settings) -> None:
    """Write our lines by this handler alone, and before Dagster rewrites those of its runs.

    No line has its thread or its process, nor in `configure` the place of its call, which take half of a line's time.
    """
    logging.logThreads = logging.logProcesses = logging.logMultiprocessing = False
    ours = logging.getLogger(OURS)
    ours.handlers, ours.propagate = [made], False
    ours.setLevel(settings.log_level)


def _as_json(line: dict[str, object]) -> str:
    try:
        return orjson.dumps(line, str, _OPTIONS).decode()
    except TypeError:  # numbers and texts that orjson does not write, such as half of a surrogate pair
        return json.dumps(line, ensure_ascii=False, default=str)


def _instant(record: logging.LogRecord) -> str:
    return datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")[:-6] + "Z"


def _fields(record: logging.LogRecord) -> dict[str, object]:
    """Return the bound fields, and those that the caller gave as `extra`."""
    own = {name: value for name, value in record.__dict__.items() if name not in _STANDARD}
    return {name: value for name, value in {**bound_fields(), **own}.items() if value is not None}


def _printable(text: str) -> str:
    """Return the text in one line, with control characters escaped."""
    return text if text.isprintable() else repr(text)[1:-1]


def _without_secrets(line: str) -> str:
    for sign, pattern, shown in _SECRETS:
        if sign in line:
            line = pattern.sub(shown, line)
    return line


def _traceback(fault: BaseException | None, *, with_texts: bool) -> str:
    """Format the places and kinds of a fault, after those of its causes."""
    lines: list[str] = []
    for each in _causes(fault):
        lines += traceback.format_tb(each.__traceback__)
        text = f": {each}" if with_texts else ""
        lines.append(f"{_kind(each)}{text}\n")
    return "".join(lines).rstrip("\n")


def _causes(fault: BaseException | None) -> Iterator[BaseException]:
    """Return the fault after its causes, the first cause first."""
    chain: list[BaseException] = []
    while fault is not None and fault not in chain:
        chain.append(fault)
        fault = fault.__cause__ or (None if fault.__suppress_context__ else fault.__context__)
    return reversed(chain)


def _kind(fault: BaseException) -> str:
    """Return the name of its class, with the SQLSTATE for a fault of PostgreSQL."""
    code = getattr(fault, "sqlstate", None)
    return f"{type(fault).__module__}.{type(fault).__qualname__}{f' [{code}]' if code else ''}"
