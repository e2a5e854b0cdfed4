"""The record of an alert: what is wrong since when, and what to do about it."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Final, Self

from ledger.kernel.operations import Operation


class Trouble(StrEnum):
    """The kinds of trouble that alerts are about."""

    FAILED = "failed"
    LATE = "late"
    ENDED = "ended"
    RESOLVED = "resolved"


_REMEDIES: Final[Mapping[str, str]] = {
    Operation.BUILD: "see the run in Dagster's web UI, mend what it names, and run `cofferdam build`",
    Operation.RELEASE: "see the run of the month in Dagster's web UI; it is started again within the hour",
    Operation.CROSSINGS: "run `cofferdam crossings`, which names each transfer that waits and its reason",
    Operation.RETENTION: "see the run in Dagster's web UI, mend what it names, and launch the job `retention`",
    Operation.ZERO_CHECK: "run `cofferdam verify`, which names the books that differ",
    Operation.VERIFICATION: "run `cofferdam verify`, and follow docs/guides/operators.md for each finding",
    Operation.EXPORTS: "run `cofferdam export list BOOK`, and mend what the run names",
    Operation.SCHEDULES: "run `cofferdam doctor`, and look into logs/dagster-daemon.log",
}
_ELSE: Final = "run `cofferdam doctor`, and look into the log files of the home"


@dataclass(frozen=True, slots=True)
class Alert:
    """An alert about an operation, a schedule or a program by its name; `times` it happened since the last message."""

    name: str
    trouble: Trouble
    at: datetime
    why: str
    times: int = 1

    @property
    def remedy(self) -> str:
        """The action to take, in one line; empty if it is resolved."""
        if self.trouble is Trouble.RESOLVED:
            return ""
        return _REMEDIES.get(self.name.partition("-")[0], _ELSE)

    @property
    def title(self) -> str:
        """The alert in a few words."""
        verb = {Trouble.LATE: "is late", Trouble.RESOLVED: "works again"}.get(self.trouble, self.trouble.value)
        return f"{self.name} {verb}" + (f" ({self.times} times)" if self.times > 1 else "")

    @property
    def text(self) -> str:
        """The alert in one line: what, when, why, and what to do."""
        told = f"{self.title} at {self.at:%F %T} UTC: {self.why}"
        return f"{told}. What to do: {self.remedy}." if self.remedy else told

    def as_json(self) -> dict[str, Any]:
        """Return the alert as it is kept in files."""
        return {**asdict(self), "at": self.at.isoformat()}

    @classmethod
    def from_json(cls, kept: Mapping[str, Any]) -> Self:
        """Return the alert that was kept. Raises `ValueError`, `KeyError` or `TypeError` if it is none."""
        return cls(
            str(kept["name"]),
            Trouble(kept["trouble"]),
            datetime.fromisoformat(kept["at"]),
            str(kept["why"]),
            int(kept["times"]),
        )
