"""The small process that ends what a suite leaves running, however the suite ended, and removes its folder.

All that a suite starts has temporary folders in that of the suite, and says so in its environment or its command. The
suite is our parent until it has ended.
"""

import os
import shutil
import signal
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Final

import psutil

_LOOK_SECONDS: Final = 0.2
_GENTLE_SECONDS: Final = 2
_PATIENCE_SECONDS: Final = 10


def members(folder: Path) -> Iterator[psutil.Process]:
    """Every process that names the folder, but for this one."""
    for process in psutil.process_iter():
        with suppress(psutil.Error, OSError):
            told = [*process.environ().values(), *process.cmdline()]
            if process.pid != os.getpid() and any(str(folder) in text for text in told):
                yield process


def remove(folder: Path) -> None:
    """Kill them until none is left, for one may be starting another meanwhile, and remove the folder."""
    began = time.monotonic()
    while (left := list(members(folder))) and time.monotonic() < began + _PATIENCE_SECONDS:
        for process in left:
            with suppress(psutil.Error):
                _end(process, gently=time.monotonic() < began + _GENTLE_SECONDS)
        psutil.wait_procs(left, 0.1)
    shutil.rmtree(folder, ignore_errors=True)


def _end(process: psutil.Process, *, gently: bool) -> None:
    """Kill a process; a PostgreSQL is asked to stop at once first, for it takes its shared memory away with it."""
    is_server = process.name() == "postgres"
    process.send_signal(signal.SIGQUIT if gently and is_server else signal.SIGKILL)


def _main(suite: int, folder: Path) -> None:
    os.setsid()  # out of reach of what ends the suite
    nowhere = os.open(os.devnull, os.O_RDWR)
    for stream in range(3):  # who reads what the suite says waits for nobody else
        os.dup2(nowhere, stream)
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    while os.getppid() == suite:
        time.sleep(_LOOK_SECONDS)
    remove(folder)


if __name__ == "__main__":
    _main(int(sys.argv[1]), Path(sys.argv[2]))
