"""Detachment: starts `up` without a terminal, and ends it from another command."""

import os
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import Final

import typer

from cofferdam.runtime import programs
from cofferdam.runtime.access import close
from cofferdam.runtime.holder import holder, is_held
from cofferdam.runtime.home import Running, noted_running
from ledger.kernel.errors import Unavailable
from ledger.kernel.settings import Settings

_LOOK_SECONDS: Final = 0.1
_STEPS: Final = ((signal.SIGTERM, 60), (signal.SIGTERM, 15), (signal.SIGKILL, 10))
"""Signals for `up`, and the seconds to wait after each: its children take up to ten, then PostgreSQL shuts down.

After the second signal it kills its children; if it is killed itself, its orphan reaper ends them.
"""


def start_detached(settings: Settings, *arguments: str) -> None:
    """Start a command that keeps everything running, in a session of its own, and wait until its API answers.

    Its output goes to `<home>/logs/up.log`. Raises `Unavailable` if it ends instead.
    """
    if is_held(settings.home):
        other = holder(settings.home)
        raise Unavailable(f"cofferdam already runs on {settings.home}: process {other}; end it with cofferdam down")
    close(settings.home)
    log = settings.home / "logs" / "up.log"
    log.parent.mkdir(exist_ok=True, mode=0o700)
    with log.open("ab") as output:
        said_before = output.tell()
        process = subprocess.Popen(
            [sys.executable, "-I", "-m", "cofferdam", *arguments],
            env=settings.child_environ(),
            cwd=programs.ROOT,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,
        )
    try:
        running = _awaited(settings, process, log, said_before)
    except BaseException:
        process.terminate()
        process.wait()
        raise
    for name, address in running.addresses.items():
        typer.echo(f"{name:<9} {address}")
    typer.echo(f"{'state':<9} {settings.home}")
    typer.echo(f"process {process.pid} keeps everything running, with its output in {log}; cofferdam down stops it")


def end_running(settings: Settings) -> int | None:
    """End the `up` that runs on the home, first by SIGTERM, at last by SIGKILL, and return its process id.

    Raises `Unavailable` if it survives even that, or belongs to another user.
    """
    number = holder(settings.home)
    if number is None:
        return None
    for sign, seconds in _STEPS:
        try:
            with suppress(ProcessLookupError):
                os.kill(number, sign)
        except PermissionError as refused:
            says = f"process {number} has {settings.home} and is another user's: run cofferdam down as that user"
            raise Unavailable(says) from refused
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            if holder(settings.home) != number:
                return number
            time.sleep(_LOOK_SECONDS)
    raise Unavailable(
        f"process {number} has {settings.home} and cannot be killed: it waits for the system, such as for a disk"
    )


def _awaited(settings: Settings, process: "subprocess.Popen[bytes]", log: Path, said_before: int) -> Running:
    while (running := noted_running(settings.home)) is None or running.pid != process.pid:
        if process.poll() is not None:
            said = log.read_bytes()[said_before:].decode(errors="replace").splitlines()
            reason = next((line.strip() for line in reversed(said) if line.strip()), "it printed nothing")
            raise Unavailable(f"{reason.removeprefix('cofferdam: ')} (see {log})")
        time.sleep(_LOOK_SECONDS)
    return running
