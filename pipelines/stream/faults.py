"""Faults of a long-running process: each is logged once when it begins and once when it ends, with back-off."""

import logging
import re
import time
from dataclasses import dataclass
from typing import Final

from lake.errors import DamagedLake
from ledger.kernel.errors import one_line

_REST_SECONDS: Final = (0.2, 5.0)  # the first pause after a fault, doubled up to the last

_NUMBERS: Final = re.compile(r"[0-9a-f-]*\d[0-9a-f-]*")  # each try names another file, version or position

_LINE: Final = 500

_log = logging.getLogger("cofferdam.stream")


@dataclass(slots=True)
class _Fault:
    kind: str
    pause: float
    until: float


class Watch:
    """The current faults by object, with the start of their back-off and their logged text; None is the database.

    `comfort` ends each warning: a note of what the fault does not affect.
    """

    def __init__(self, comfort: str) -> None:
        self._comfort: Final = comfort
        self._faults: dict[object, _Fault] = {}

    def faulty(self, what: object, where: str, error: Exception) -> float:
        """Record a fault, log it once, and return the seconds to wait."""
        text = one_line(error, _LINE)
        known = self._faults.get(what)
        pause = min(known.pause * 2, _REST_SECONDS[1]) if known else _REST_SECONDS[0]
        kind = _NUMBERS.sub("", text)
        if known is None or known.kind != kind:
            comfort = "it stands still until then" if isinstance(error, DamagedLake) else self._comfort
            _log.warning("%s: %s; %s", where, text, comfort)
        self._faults[what] = _Fault(kind, pause, time.monotonic() + pause)
        return pause

    def well(self, what: object, where: str) -> None:
        """Record that it works again."""
        if self._faults.pop(what, None) is not None:
            _log.info("%s: streaming again", where)

    def rests(self, what: object) -> bool:
        """Return whether it failed a moment ago, and is still backing off."""
        fault = self._faults.get(what)
        return fault is not None and time.monotonic() < fault.until
