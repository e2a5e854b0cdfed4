"""Start everything and keep it running."""

import logging
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from http.client import HTTPConnection
from types import FrameType
from typing import Annotated, Final

import typer
from rich.console import Console

from api.sandbox.installation import is_sandbox
from cofferdam.alerts.alerts import Alerts
from cofferdam.alerts.announcements import Announcements
from cofferdam.rotation import settle
from cofferdam.runtime import programs
from cofferdam.runtime.credentials import Credentials, credentials
from cofferdam.runtime.detachment import start_detached
from cofferdam.runtime.embedded import database, revive
from cofferdam.runtime.home import Running, note_running, sole
from cofferdam.runtime.ports import HOST
from cofferdam.runtime.processes import Supervisor
from cofferdam.runtime.secrets import pepper
from cofferdam.vault import vaulted
from ledger.kernel.engines import create_engine
from ledger.kernel.errors import Unavailable
from ledger.kernel.settings import Settings
from ledger.kernel.structured_logging import writes_json
from pipelines.installation import claim
from pipelines.workspace import prepare_dagster_home

_log: Final = logging.getLogger("cofferdam.supervisor")

_API_SECONDS: Final = 60
_LOOK_SECONDS: Final = 1


@dataclass(frozen=True, slots=True)
class Installation:
    """A running installation: settings with the database's URL, the children, their ports and secrets."""

    settings: Settings
    secrets: Credentials
    supervisor: Supervisor
    places: programs.Ports
    console: Console


def command(
    *,
    port: Annotated[
        int, typer.Option(min=1, max=65_535, help="Port of the API; if it is taken, the next free one.")
    ] = 8000,
    ui_port: Annotated[int, typer.Option(min=1, max=65_535, help="Port of Dagster's web UI, likewise.")] = 3000,
    detach: Annotated[
        bool, typer.Option("--detach", help="Return once the API answers; `cofferdam down` ends it.")
    ] = False,
) -> None:
    """Start everything and keep it running until Ctrl-C, or until `cofferdam down`."""
    if detach:
        start_detached(Settings.from_process(), "up", "--port", str(port), "--ui-port", str(ui_port))
        return
    run(Settings.from_process(), api=port, ui=ui_port, meanwhile=lambda _installation: None)


def run(
    settings: Settings,
    *,
    api: int,
    ui: int,
    meanwhile: Callable[[Installation], None],
    begins_sandbox: bool = False,
) -> None:
    """Start the database, the API and the stream, call `meanwhile`, start Dagster, and wait.

    In a sandbox, or where `meanwhile` begins one, operators sign in at the development sign-in, unless the settings
    name an identity provider.

    Ctrl-C and SIGTERM end all of it; a second one at once. Raises `Unavailable` if something does not start.
    """
    console = Console()
    alerts = Alerts(settings)
    supervisor = Supervisor(settings.home / "logs", _deaths_told(settings, console, alerts))
    with (
        sole(settings.home),
        alerts,
        _ended_by_signals(supervisor, console),
        credentials(settings.home) as secrets,
        database(settings) as url,
        supervisor,
    ):
        pepper(settings.secrets)
        held = vaulted(settings, url)
        settle(held)
        places = programs.Ports.hold(api=api, ui=ui)
        if held.oidc is None and _is_sandbox(url, is_begun=not begins_sandbox):
            held = replace(held, oidc=places.development_sign_in())
        installation = Installation(held, secrets, supervisor, places, console)
        supervisor.start(programs.api_program(installation.settings, installation.places, secrets))
        for program in programs.stream_programs(installation.settings, installation.places, secrets):
            supervisor.start(program)
        _await_api(installation)
        note_running(settings.home, Running.here(installation.places.addresses()))
        _print_addresses(installation)
        meanwhile(installation)
        if places.sign_in_sockets:
            supervisor.start(programs.sign_in_program(held, places, secrets))
        _start_dagster(installation)
        console.print("everything runs; Ctrl-C ends it", style="dim")
        _keep_database(settings, console, _announcements(installation, alerts))


def _is_sandbox(url: str, *, is_begun: bool) -> bool:
    engine = create_engine(url, connections_max=1)
    try:
        return is_sandbox(engine, is_begun=is_begun)
    finally:
        engine.dispose()


def _deaths_told(settings: Settings, console: Console, alerts: Alerts) -> Callable[[str], None]:
    """Return the function that reports a child's end: by alerts, and as a log line or on the console for a person."""
    is_logged = writes_json(settings, sys.stderr)

    def tell(line: str) -> None:
        alerts.program_ended(line.partition(" ")[0], line)
        if is_logged:
            _log.warning(line)
        else:
            console.print(line, style="yellow")

    return tell


def _announcements(installation: Installation, alerts: Alerts) -> Announcements:
    port = installation.places.ui if programs.UI.exists() else None

    def say(line: str) -> None:
        with suppress(OSError):  # a closed terminal is no reason to end
            installation.console.print(line, markup=False, highlight=False, soft_wrap=True)

    return Announcements(installation.settings, port, alerts, say)


def _keep_database(settings: Settings, console: Console, announcements: Announcements) -> None:
    """Wait until a signal; meanwhile restart the embedded server if it was killed, and print announcements."""
    while True:
        time.sleep(_LOOK_SECONDS)
        announcements.look()
        if settings.database_url is None:
            try:
                revive(settings.home)
            except (Unavailable, OSError) as fault:  # such as a full disk
                with suppress(OSError):  # the terminal may be closed
                    console.print(f"{fault}; trying again", style="yellow", markup=False)


def _start_dagster(installation: Installation) -> None:
    settings, places = installation.settings, installation.places
    prepare_dagster_home(settings.dagster_home)
    claim(settings)
    for program in programs.dagster_programs(settings, places, installation.secrets):
        installation.supervisor.start(program)
    if not programs.UI.exists():
        installation.console.print("Dagster's web UI is not installed (make install); its schedules run without it")


def _await_api(installation: Installation) -> None:
    deadline = time.monotonic() + _API_SECONDS
    with installation.console.status("starting the API"):
        while not _is_ready(installation.places.api):
            if time.monotonic() > deadline:
                raise Unavailable(f"the API does not answer; see {installation.settings.home / 'logs' / 'api.log'}")
            time.sleep(0.1)


def _is_ready(port: int) -> bool:
    connection = HTTPConnection(HOST, port, timeout=5)
    try:
        connection.request("GET", "/ready")
        return connection.getresponse().status == 200  # noqa: PLR2004  # OK
    except OSError:
        return False
    finally:
        connection.close()


def _print_addresses(installation: Installation) -> None:
    for name, address in installation.places.addresses().items():
        shown = "is starting; its address follows when it answers" if name == "Dagster" else address
        installation.console.print(f"{name:<9} {shown}")
    installation.console.print(f"{'state':<9} {installation.settings.home}")


@contextmanager
def _ended_by_signals(supervisor: Supervisor, console: Console) -> Iterator[None]:
    """End the block at the first Ctrl-C, SIGTERM or closed terminal; the second one kills the remaining children.

    A signal that was ignored from the start stays ignored, as with nohup.
    """
    asked = threading.Event()

    def end(_number: int, _frame: FrameType | None) -> None:
        if asked.is_set():
            supervisor.hurry()
            return
        asked.set()
        raise KeyboardInterrupt

    asked_for = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    numbers = [number for number in asked_for if signal.getsignal(number) is not signal.SIG_IGN]
    before = {number: signal.signal(number, end) for number in numbers}
    try:
        yield
    except KeyboardInterrupt:
        console.print("everything is stopped; nothing is lost")
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
