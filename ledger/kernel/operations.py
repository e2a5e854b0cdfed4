"""Operations: recurring tasks of an installation, when each last succeeded and failed, and how late it is.

Each success and each failure is one small file under the home, which replaces the one before it: every process of the
installation can write and read them, whatever else is down.
"""

import json
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from pathlib import Path
from typing import Final

from ledger.kernel.clock import Clock, system_clock
from ledger.kernel.settings import Settings


class Operation(StrEnum):
    """The tasks that must succeed regularly while everything runs."""

    BUILD = "build"
    RELEASE = "release"
    CROSSINGS = "crossings"
    RETENTION = "retention"
    ZERO_CHECK = "zero_check"
    VERIFICATION = "verification"
    EXPORTS = "exports"
    SCHEDULES = "schedules"


EVERY: Final[dict[Operation, timedelta]] = {
    Operation.BUILD: timedelta(minutes=15),
    Operation.RELEASE: timedelta(minutes=5),
    Operation.CROSSINGS: timedelta(hours=1),
    Operation.RETENTION: timedelta(days=1),
    Operation.ZERO_CHECK: timedelta(days=1),
    Operation.VERIFICATION: timedelta(days=1),
    Operation.EXPORTS: timedelta(hours=1),
    Operation.SCHEDULES: timedelta(minutes=1),
}
"""The interval at which each is started; that of the schedules is how often Dagster's daemon must look at them."""

_GRACE: Final = dict.fromkeys(EVERY, timedelta(minutes=15)) | {Operation.SCHEDULES: timedelta(minutes=2)}
"""The time that each may take, or wait for its turn, before it counts as late."""

_INSTALLATION: Final = "installation"
_WHY_MAX: Final = 600
_UNSAFE: Final = re.compile(r"[^A-Za-z0-9_-]+")


@dataclass(frozen=True, slots=True)
class Standing:
    """The last success and failure of an operation, None if it never did, and the reason of the failure.

    An operation that never succeeded can be late too: it is due from `began_at` on, when the installation first ran.
    """

    name: str
    succeeded_at: datetime | None
    failed_at: datetime | None
    why: str
    every: timedelta
    grace: timedelta
    began_at: datetime | None

    @property
    def has_failed(self) -> bool:
        """True if the last attempt failed."""
        return self.failed_at is not None and (self.succeeded_at is None or self.succeeded_at < self.failed_at)

    def late(self, now: datetime) -> timedelta:
        """Return how much the next success is overdue; zero if it is not, or if nothing ever ran."""
        since = self.succeeded_at or self.began_at
        return timedelta() if since is None else max(now - since - self.every - self.grace, timedelta())

    def is_well(self, now: datetime) -> bool:
        """Return whether it succeeded after its last failure and is not late."""
        return self.succeeded_at is not None and not self.has_failed and not self.late(now)


def note_begin(settings: Settings, *, clock: Clock = system_clock) -> None:
    """Note the first run of the installation."""
    if not (path := _file(settings, _INSTALLATION, "began")).exists():
        _note(path, {"at": clock().isoformat()})


def note_success(settings: Settings, name: str, *, clock: Clock = system_clock) -> None:
    """Note that an operation succeeded, per zone for one that runs in each zone."""
    _note(_file(settings, _named(settings, name), "succeeded"), {"at": clock().isoformat()})


def note_failure(settings: Settings, name: str, why: str, *, clock: Clock = system_clock) -> None:
    """Note that an operation, or anything else that was started by name, has failed, and why."""
    _note(_file(settings, name, "failed"), {"at": clock().isoformat(), "why": " ".join(why.split())[:_WHY_MAX]})


def standings(settings: Settings) -> list[Standing]:
    """Return the standing of every operation; that of the build for each zone."""
    zones = [settings.in_zone(zone) for zone in (None, *settings.roots)]
    builds = [_standing(settings, _named(each, Operation.BUILD), Operation.BUILD) for each in zones]
    return builds + [_standing(settings, each, each) for each in Operation if each is not Operation.BUILD]


def failures(settings: Settings) -> Iterator[tuple[str, datetime, str]]:
    """Yield the last failures by name: of operations, and of anything else that was started by name."""
    for path in sorted(_folder(settings).glob("*.failed")):
        at, why = _noted(path)
        if at is not None:
            yield path.stem, at, why


def _standing(settings: Settings, name: str, operation: Operation) -> Standing:
    succeeded_at, _ = _noted(_file(settings, name, "succeeded"))
    failed_at, why = _noted(_file(settings, name, "failed"))
    began_at, _ = _noted(_file(settings, _INSTALLATION, "began"))
    return Standing(name, succeeded_at, failed_at, why, EVERY[operation], _GRACE[operation], began_at)


def _named(settings: Settings, name: str) -> str:
    return f"{name}-{settings.zone.lower()}" if settings.zone else str(name)


def _folder(settings: Settings) -> Path:
    return settings.home / "operations"


def _file(settings: Settings, name: str, outcome: str) -> Path:
    return _folder(settings) / f"{_UNSAFE.sub('_', name)}.{outcome}"


def _note(path: Path, said: dict[str, str]) -> None:
    """Write the file atomically, because another process may be reading it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f"{path.name}.{os.getpid()}.part")
    part.write_text(json.dumps(said) + "\n", "utf-8")
    part.replace(path)


def _noted(path: Path) -> tuple[datetime | None, str]:
    try:
        said = json.loads(path.read_text("utf-8"))
        return datetime.fromisoformat(said["at"]), str(said.get("why", ""))
    except (OSError, ValueError, KeyError, TypeError):
        return None, ""
