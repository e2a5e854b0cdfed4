"""The home: one running installation per folder, and its addresses."""

import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Self

from cofferdam.runtime.holder import held, holder
from ledger.kernel.errors import Unavailable


@dataclass(frozen=True, slots=True)
class Running:
    """A running `cofferdam up`: its process id, and the addresses of its parts by their names."""

    pid: int
    addresses: Mapping[str, str]

    @classmethod
    def here(cls, addresses: Mapping[str, str]) -> Self:
        """Describe this process, with the addresses of its parts."""
        return cls(os.getpid(), addresses)


@contextmanager
def sole(home: Path) -> Iterator[None]:
    """Ensure that this is the only `up` of a home. Raises `Unavailable`, which names the running one."""
    home.mkdir(parents=True, exist_ok=True, mode=0o700)
    with held(home) as is_ours:
        if not is_ours:
            raise Unavailable(f"cofferdam already runs on {home}{_whereabouts(home)}")
        _run_file(home).unlink(missing_ok=True)
        try:
            yield
        finally:
            _run_file(home).unlink(missing_ok=True)


def note_running(home: Path, running: Running) -> None:
    """Record the running `up`, for `doctor` and for a second `up`."""
    _replace(_run_file(home), json.dumps(asdict(running), indent=2), mode=0o600)


def noted_running(home: Path) -> Running | None:
    """Return the running `up`, or None if none is recorded or the recorded one was killed.

    The lock decides: the system releases it when a process dies, while process ids are reused. A record with another
    process id than the lock's is left from a killed `up`; the next one removes it.
    """
    number = holder(home)
    try:
        noted = Running(**json.loads(_run_file(home).read_text()))
    except (FileNotFoundError, ValueError, TypeError):
        return None
    return noted if noted.pid == number else None


def _whereabouts(home: Path) -> str:
    running = noted_running(home)
    if running is None:
        return " (it is starting)"
    addresses = ", ".join(f"{name} {address}" for name, address in running.addresses.items())
    return f": process {running.pid}, {addresses}; end it with Ctrl-C there, or with cofferdam down"


def _run_file(home: Path) -> Path:
    return home / "run.json"


def _replace(path: Path, text: str, *, mode: int) -> None:
    """Write a file whole or not at all."""
    draft = path.with_name(f"{path.name}.{os.getpid()}.draft")
    draft.unlink(missing_ok=True)
    with open(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "w") as file:  # noqa: PTH123  # a descriptor
        file.write(text + "\n")
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)
