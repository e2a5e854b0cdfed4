"""Alerts: detects trouble, and delivers each alert by every channel, also after a restart."""

import threading
from collections.abc import Iterator, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from cofferdam.alerts.channels import Channel, Undelivered, channels
from cofferdam.alerts.detector import Detector
from cofferdam.alerts.records import Alert, Trouble
from cofferdam.alerts.state import AlertState
from ledger.kernel.clock import Clock, system_clock
from ledger.kernel.operations import failures
from ledger.kernel.settings import Settings

QUIET: Final = timedelta(minutes=5)
"""The time in which a channel gets one message about the same trouble of the same name."""

_KEPT: Final = timedelta(days=1)
"""The age at which an alert that a channel never took is dropped; the log has it."""

_BACKOFF_SECONDS: Final = (1, 5, 15, 30)
"""The pauses after failures of a channel in a row; the last one repeats."""


class Alerts:
    """Detects trouble when asked to, and delivers alerts by every channel, each in a thread of its own.

    Use it as a context manager. An alert is kept in a file of the home until its channel has taken it: the
    next process delivers what a killed one did not, and an alert that was being delivered may arrive twice.
    """

    def __init__(
        self, settings: Settings, delivered_by: Sequence[Channel] | None = None, *, clock: Clock = system_clock
    ) -> None:
        self._path: Final = _file(settings)
        self._channels: Final = channels(settings) if delivered_by is None else delivered_by
        self._clock: Final = clock
        self._state: Final = AlertState.load(self._path) or AlertState({name: at for name, at, _ in failures(settings)})
        self._detector: Final = Detector(settings, self._state, clock=clock)
        self._sent_at: Final[dict[tuple[str, str, Trouble], datetime]] = {}
        self._changed: Final = threading.Condition()
        self._is_ended = False
        self._threads: Final = [
            threading.Thread(target=self._deliver, args=(each,), daemon=True) for each in self._channels
        ]

    def __enter__(self) -> Self:
        for each in self._threads:
            each.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None
    ) -> None:
        with self._changed:
            self._is_ended = True
            self._changed.notify_all()

    def look(self) -> list[Alert]:
        """Return the alerts that are new, which are delivered from now on."""
        with self._changed:
            found = list(self._detector.look())
            self._take(found)
        return found

    def program_ended(self, name: str, line: str) -> None:
        """Deliver an alert about a program that ended by itself, or was killed."""
        with self._changed:
            self._take([Alert(name, Trouble.ENDED, self._clock(), line)])

    def _take(self, alerts: Sequence[Alert]) -> None:
        if not alerts:
            return
        for channel in self._channels:
            self._state.waiting[channel.name] = list(_merged([*self._state.waiting[channel.name], *alerts]))
        self._save()
        self._changed.notify_all()

    def _save(self) -> None:
        with suppress(OSError):  # such as a full disk: it is delivered all the same, and saved with the next change
            self._state.save(self._path)

    def _deliver(self, channel: Channel) -> None:
        failed = 0
        while (alert := self._next(channel)) is not None:
            try:
                channel.send(alert)
            except Undelivered:
                pause = _BACKOFF_SECONDS[min(failed, len(_BACKOFF_SECONDS) - 1)]
                failed += 1
                with self._changed:
                    self._changed.wait_for(lambda: self._is_ended, pause)
            else:
                failed = 0
                self._has_sent(channel, alert)

    def _next(self, channel: Channel) -> Alert | None:
        """Wait for the next alert that a channel may get now; return None at the end."""
        with self._changed:
            while not self._is_ended:
                now = self._clock()
                waiting = [each for each in self._state.waiting[channel.name] if now - each.at < _KEPT]
                self._state.waiting[channel.name] = waiting
                for each in waiting:
                    sent_at = self._sent_at.get((channel.name, each.name, each.trouble))
                    if sent_at is None or now - sent_at >= QUIET:
                        return each
                self._changed.wait(1)
            return None

    def _has_sent(self, channel: Channel, alert: Alert) -> None:
        """Note that a channel has taken an alert; what happened meanwhile waits for the quiet time."""
        with self._changed:
            self._sent_at[channel.name, alert.name, alert.trouble] = self._clock()
            waiting = self._state.waiting[channel.name]
            self._state.waiting[channel.name] = [_less(each, alert) for each in waiting if each != alert]
            self._save()


def waiting_alerts(settings: Settings) -> dict[str, int]:
    """Return the number of alerts that each channel has not taken yet."""
    state = AlertState.load(_file(settings))
    return {} if state is None else {name: len(alerts) for name, alerts in state.waiting.items()}


def _file(settings: Settings) -> Path:
    return settings.home / "operations" / "alerts.json"


def _merged(alerts: Sequence[Alert]) -> Iterator[Alert]:
    """Yield one alert for all about the same trouble of a name: the newest, with their number."""
    by_trouble: dict[tuple[str, Trouble], Alert] = {}
    for each in alerts:
        earlier = by_trouble.pop((each.name, each.trouble), None)
        times = each.times + (0 if earlier is None else earlier.times)
        by_trouble[each.name, each.trouble] = Alert(each.name, each.trouble, each.at, each.why, times)
    yield from by_trouble.values()


def _less(waiting: Alert, sent: Alert) -> Alert:
    """Return a waiting alert without the occurrences that were delivered with an earlier form of it."""
    if (waiting.name, waiting.trouble) != (sent.name, sent.trouble):
        return waiting
    return Alert(waiting.name, waiting.trouble, waiting.at, waiting.why, waiting.times - sent.times)
