"""`cofferdam up`: starts everything in the order in which it is needed, and keeps it running."""

import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection
from types import FrameType
from typing import Annotated, Final

import typer
from rich.console import Console

from cofferdam import programs
from cofferdam.embedded import database, revive
from cofferdam.home import Running, note_running, pepper, sole
from cofferdam.ports import HOST
from cofferdam.processes import Supervisor
from cofferdam.vault import vaulted
from ledger.kernel.errors import Unavailable
from ledger.kernel.settings import Settings
from pipelines.workspace import prepare_dagster_home

_API_SECONDS: Final = 60
_LOOK_SECONDS: Final = 1


@dataclass(frozen=True, slots=True)
class Installation:
    """What stands while everything runs: settings with the database's URL, the children, the ports, the terminal."""

    settings: Settings
    supervisor: Supervisor
    places: programs.Places
    console: Console


def command(
    *,
    port: Annotated[
        int, typer.Option(min=1, max=65_535, help="Wanted port of the API; the next free one is taken.")
    ] = 8000,
    ui_port: Annotated[int, typer.Option(min=1, max=65_535, help="Wanted port of Dagster's web UI.")] = 3000,
) -> None:
    """Start everything and keep it running until Ctrl-C."""
    run(Settings.from_process(), api=port, ui=ui_port, meanwhile=lambda _installation: None)


def run(settings: Settings, *, api: int, ui: int, meanwhile: Callable[[Installation], None]) -> None:
    """Start the database, the API and the stream, do what is asked for `meanwhile`, start Dagster, and wait.

    Ctrl-C and SIGTERM end all of it; a second one at once. Raises `Unavailable` where something does not start.
    """
    console = Console()
    supervisor = Supervisor(settings.home / "logs", lambda line: console.print(line, style="yellow"))
    with sole(settings.home), _ended_by_signals(supervisor, console), database(settings) as url, supervisor:
        pepper(settings.secrets)
        installation = Installation(vaulted(settings, url), supervisor, programs.Places.find(api=api, ui=ui), console)
        supervisor.start(programs.api_program(installation.settings, installation.places))
        for program in programs.stream_programs(installation.settings):
            supervisor.start(program)
        _await_api(installation)
        note_running(settings.home, Running.here(installation.places.addresses()))
        _print_addresses(installation)
        meanwhile(installation)
        _start_dagster(installation)
        console.print("everything runs; Ctrl-C ends it", style="dim")
        _keep_database(settings, console)


def _keep_database(settings: Settings, console: Console) -> None:
    """Wait until somebody ends it; meanwhile start the embedded server again where it was killed."""
    while True:
        time.sleep(_LOOK_SECONDS)
        if settings.database_url is None:
            try:
                revive(settings.home)
            except Unavailable as fault:
                console.print(f"{fault}; trying again", style="yellow")


def _start_dagster(installation: Installation) -> None:
    settings, places = installation.settings, installation.places
    prepare_dagster_home(settings.dagster_home, code_port=places.code)
    for program in programs.dagster_programs(settings, places):
        installation.supervisor.start(program)
    if not programs.UI.exists():
        installation.console.print("Dagster's web UI is not installed (make install); its schedules run without it")


def _await_api(installation: Installation) -> None:
    deadline = time.monotonic() + _API_SECONDS
    with installation.console.status("starting the API"):
        while not _is_healthy(installation.places.api):
            if time.monotonic() > deadline:
                raise Unavailable(f"the API does not answer; see {installation.settings.home / 'logs' / 'api.log'}")
            time.sleep(0.1)


def _is_healthy(port: int) -> bool:
    connection = HTTPConnection(HOST, port, timeout=5)
    try:
        connection.request("GET", "/health")
        return connection.getresponse().status == 200  # noqa: PLR2004  # HTTP's word for well
    except OSError:
        return False
    finally:
        connection.close()


def _print_addresses(installation: Installation) -> None:
    for name, address in installation.places.addresses().items():
        installation.console.print(f"{name:<9} {address}")
    installation.console.print(f"{'state':<9} {installation.settings.home}")


@contextmanager
def _ended_by_signals(supervisor: Supervisor, console: Console) -> Iterator[None]:
    """End the block at the first Ctrl-C, SIGTERM or closed terminal; the second one kills what is left."""
    asked = threading.Event()

    def end(_number: int, _frame: FrameType | None) -> None:
        if asked.is_set():
            supervisor.hurry()
            return
        asked.set()
        raise KeyboardInterrupt

    numbers = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    before = {number: signal.signal(number, end) for number in numbers}
    try:
        yield
    except KeyboardInterrupt:
        console.print("everything is stopped; nothing is lost")
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
