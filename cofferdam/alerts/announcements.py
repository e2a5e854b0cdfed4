"""Announcements: lines on the console of `cofferdam up` about new addresses and alerts."""

from collections.abc import Callable
from http.client import HTTPConnection, HTTPException
from typing import Final

from cofferdam.alerts.alerts import Alerts
from cofferdam.runtime.logins import login_address
from cofferdam.runtime.ports import HOST
from ledger.kernel.settings import Settings

_ANSWER_SECONDS: Final = 0.5


class Announcements:
    """Checks for news at each call of `look`, and prints each once."""

    def __init__(self, settings: Settings, ui_port: int | None, alerts: Alerts, say: Callable[[str], object]) -> None:
        self._settings, self._ui_port, self._alerts, self._say = settings, ui_port, alerts, say

    def look(self) -> None:
        """Print whatever is new."""
        if self._ui_port is not None and answers(self._ui_port):
            address = login_address(self._settings, f"http://{HOST}:{self._ui_port}")
            self._say(f"Dagster   {address} (once, within the hour; `cofferdam ui` prints another)")
            self._ui_port = None
        for alert in self._alerts.look():
            self._say(alert.text)


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
