"""Worker processes: copies of this process that serve one listening socket, each replaced when it ends unasked.

A copy is forked from a process that has imported everything, so that it serves in a fraction of a second. What waits
in the socket's queue meanwhile is answered by the others, or by the copy.
"""

import ctypes
import os
import signal
import sys
import time
import traceback
from collections.abc import Callable
from typing import Final

from ledger.kernel.errors import Unavailable

_PR_SET_PDEATHSIG: Final = 1
_STARTS_WITHIN_SECONDS: Final = 2
_FAILURES_MAX: Final = 5
_PAUSE_SECONDS: Final = 0.2
_ENDING: Final = (signal.SIGTERM, signal.SIGINT)


def run_workers(count: int, serve: Callable[[int], None], *, ending: Callable[[], object] = lambda: None) -> None:
    """Run `serve` in `count` forked processes until SIGTERM or SIGINT, which reach all of them.

    It is called with the number of the worker, from 0; one that replaces another has its number. There must be no other
    thread. `ending` is called in this process at the signal. If this process is killed, its workers end. Raises
    `Unavailable` if they cannot start.
    """
    _Workers(serve, ending).run(count)


class _Workers:
    def __init__(self, serve: Callable[[int], None], ending: Callable[[], object]) -> None:
        self._serve, self._ending = serve, ending
        self._started_at: Final[dict[int, float]] = {}
        self._numbers: Final[dict[int, int]] = {}
        self._is_ending = False
        self._failures = 0

    def run(self, count: int) -> None:
        before = {each: signal.signal(each, self._end) for each in _ENDING}
        try:
            for number in range(count):
                self._start(number)
            while self._started_at:
                self._replace(*os.wait())
        finally:
            for each, handler in before.items():
                signal.signal(each, handler)
        if self._failures >= _FAILURES_MAX:
            raise Unavailable("the workers end as soon as they are started; the lines above tell why")

    def _replace(self, pid: int, status: int) -> None:
        """Start another worker for one that ended, unless all are to end."""
        started_at, number = self._started_at.pop(pid, None), self._numbers.pop(pid, 0)
        if started_at is None or self._is_ending:
            return
        is_early = status != 0 and time.monotonic() - started_at < _STARTS_WITHIN_SECONDS
        self._failures = self._failures + 1 if is_early else 0
        if self._failures >= _FAILURES_MAX:
            self._end()
        else:
            time.sleep(_PAUSE_SECONDS if is_early else 0)
            self._start(number)

    def _start(self, number: int) -> None:
        parent = os.getpid()
        signal.pthread_sigmask(signal.SIG_BLOCK, _ENDING)  # so that none is started after all were asked to end
        try:
            if self._is_ending:
                return
            sys.stdout.flush()
            sys.stderr.flush()
            pid = os.fork()
            if pid == 0:
                self._work(number, parent)
            self._started_at[pid], self._numbers[pid] = time.monotonic(), number
        finally:
            signal.pthread_sigmask(signal.SIG_UNBLOCK, _ENDING)

    def _work(self, number: int, parent: int) -> None:
        """Serve in this process, and end it."""
        status = 1
        try:
            for each in _ENDING:
                signal.signal(each, signal.SIG_DFL)
            _end_with(parent)
            signal.pthread_sigmask(signal.SIG_UNBLOCK, _ENDING)
            self._serve(number)
            status = 0
        except BaseException:  # noqa: BLE001  # the edge of the process
            traceback.print_exc()
        finally:
            sys.stderr.flush()
            os._exit(status)  # what the parent would do when it ends is not this process's to do

    def _end(self, *_signal: object) -> None:
        self._is_ending = True
        self._ending()
        for pid in self._started_at:
            os.kill(pid, signal.SIGTERM)


def _end_with(parent: int) -> None:
    """End this process when its parent ends."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
        if os.getppid() != parent:
            sys.exit(1)
