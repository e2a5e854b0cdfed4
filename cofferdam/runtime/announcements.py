"""Announcements: lines on the console of `cofferdam up` about new addresses, failures and late operations."""

from collections.abc import Callable
from datetime import timedelta
from http.client import HTTPConnection, HTTPException
from typing import Final

from cofferdam.runtime.logins import login_address
from cofferdam.runtime.ports import HOST
from ledger.kernel.clock import Clock, system_clock
from ledger.kernel.operations import failures, standings
from ledger.kernel.settings import Settings

_ANSWER_SECONDS: Final = 0.5


class Announcements:
    """Checks for news at each call of `look`, and prints each once.

    Earlier failures are not printed again; lateness counts from the start, because nothing ran before.
    """

    def __init__(
        self, settings: Settings, ui_port: int | None, say: Callable[[str], object], *, clock: Clock = system_clock
    ) -> None:
        self._settings, self._ui_port, self._say, self._clock = settings, ui_port, say, clock
        self._began = clock()
        self._known = {(name, at) for name, at, _ in failures(settings)}
        self._late: set[str] = set()

    def look(self) -> None:
        """Print whatever is new."""
        if self._ui_port is not None and answers(self._ui_port):
            address = login_address(self._settings, f"http://{HOST}:{self._ui_port}")
            self._say(f"Dagster   {address} (once, within the hour; `cofferdam ui` prints another)")
            self._ui_port = None
        for name, at, why in failures(self._settings):
            if (name, at) not in self._known:
                self._known.add((name, at))
                self._say(f"{name} failed at {at:%H:%M} UTC: {why}")
        self._look_for_late()

    def _look_for_late(self) -> None:
        now = self._clock()
        for each in standings(self._settings):
            late = min(each.late(now), now - self._began - each.every)
            if late <= timedelta():
                self._late.discard(each.name)
            elif each.name not in self._late:
                self._late.add(each.name)
                last = (
                    "has never succeeded"
                    if each.succeeded_at is None
                    else f"last succeeded {each.succeeded_at:%F %R} UTC"
                )
                self._say(f"{each.name} is late: it {last}")


def answers(port: int) -> bool:
    """Return whether a program answers HTTP at the port, with any status: the socket itself listens from the start."""
    connection = HTTPConnection(HOST, port, timeout=_ANSWER_SECONDS)
    try:
        connection.request("HEAD", "/")
        connection.getresponse()
    except (OSError, HTTPException):
        return False
    else:
        return True
    finally:
        connection.close()
