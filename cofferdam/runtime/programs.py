"""The programs that `cofferdam up` keeps running, each with its command and its environment."""

import socket
import sys
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final

from cofferdam.metrics.listener import PORT
from cofferdam.runtime.credentials import Credentials
from cofferdam.runtime.logins import sessions_folder
from cofferdam.runtime.ports import HOST, held_port
from cofferdam.runtime.processes import Program
from ledger.kernel.oidc_settings import DEVELOPMENT_CLIENT, OidcSettings
from ledger.kernel.settings import Settings
from ledger.tenancy.directory import Directory
from pipelines.workspace import code_socket

ROOT: Final = Path(__file__).parents[2]
"""The repository, which is the working folder of every program."""
UI: Final = ROOT / ".venv-dagster" / "bin" / "dagster-webserver"
"""Dagster's web UI, which is installed in an environment of its own (decision 0004)."""
_SIGN_IN_PORT: Final = 8400
_UI_PYTHON: Final = UI.with_name("python")


@dataclass(frozen=True, slots=True)
class Ports:
    """The sockets that this process listens on for the API, Dagster's web UI and the metrics of each program by name.

    In a sandbox there is one more, for the development sign-in of operators.
    The programs inherit them.
    """

    api_socket: socket.socket
    ui_socket: socket.socket
    metrics_sockets: dict[str, socket.socket] = field(default_factory=dict)
    sign_in_sockets: list[socket.socket] = field(default_factory=list)

    @classmethod
    def hold(cls, *, api: int, ui: int) -> "Ports":
        """Listen on the requested ports, or on the next free ones. Raises `Unavailable`."""
        return cls(held_port(api), held_port(ui))

    @property
    def api(self) -> int:
        """The port of the API."""
        return int(self.api_socket.getsockname()[1])

    @property
    def ui(self) -> int:
        """The port of the web UI."""
        return int(self.ui_socket.getsockname()[1])

    def addresses(self) -> dict[str, str]:
        """Return the addresses that a person opens, by name."""
        shown = {"API": f"http://{HOST}:{self.api}/graphql"}
        metrics = [f"http://{HOST}:{each.getsockname()[1]}/metrics" for each in self.metrics_sockets.values()]
        shown |= {"operators": f"http://{HOST}:{self.api}/operators"} if self.sign_in_sockets else {}
        shown |= {"metrics": ", ".join(metrics)} if metrics else {}
        return shown | ({"Dagster": f"http://{HOST}:{self.ui}"} if UI.exists() else {})

    def development_sign_in(self) -> OidcSettings:
        """Listen for the development sign-in, and return the settings by which the API trusts it."""
        self.sign_in_sockets.append(held_port(_SIGN_IN_PORT))
        port = self.sign_in_sockets[0].getsockname()[1]
        return OidcSettings(f"http://{HOST}:{port}", DEVELOPMENT_CLIENT, f"http://{HOST}:{self.api}")

    def metrics_descriptor(self, name: str) -> int:
        """Listen for the metrics of a program, and return the descriptor that it inherits. Raises `Unavailable`."""
        held = self.metrics_sockets.setdefault(name, held_port(PORT))
        return held.fileno()


def api_program(settings: Settings, places: Ports, secrets: Credentials) -> Program:
    """Return the API's program; it opens sealed values, and reads no lake."""
    descriptor, metrics = places.api_socket.fileno(), places.metrics_descriptor("api")
    told = ("--port", str(places.api), "--descriptor", str(descriptor), "--metrics-descriptor", str(metrics))
    program = replace(_ours(settings, "api", "serve", *told), descriptors=(descriptor, metrics))
    return _handed(program, secrets, settings.credentials(vault=True))


def sign_in_program(settings: Settings, places: Ports, secrets: Credentials) -> Program:
    """Return the program of the development sign-in; it opens no sealed values."""
    descriptor = places.sign_in_sockets[0].fileno()
    told = ("--descriptor", str(descriptor), "--origin", f"http://{HOST}:{places.api}")
    program = replace(_ours(settings, "development-provider", "oidc", *told), descriptors=(descriptor,))
    return _handed(program, secrets, settings.credentials())


def stream_programs(settings: Settings, places: Ports, secrets: Credentials) -> list[Program]:
    """Return the stream workers' programs: one for each PostgreSQL server. They open no sealed values."""
    assert settings.database_url is not None, "up runs on a database"
    with Directory(settings.database_url, settings.book_urls) as directory:
        numbers = [server.number for server in directory.servers()]
    programs = [_stream_program(settings, places, number) for number in numbers]
    return [_handed(program, secrets, settings.credentials(store=True)) for program in programs]


def build_program(settings: Settings, secrets: Credentials) -> Program:
    """Return the program that builds the marts and releases, and ends; it opens no sealed values."""
    return _handed(_ours(settings, "build", "build"), secrets, settings.credentials(store=True))


def dagster_programs(settings: Settings, places: Ports, secrets: Credentials) -> list[Program]:
    """Return Dagster's programs: the code server, the daemon with its schedules, and the web UI if it is installed.

    Only the code server needs secrets: jobs run in it, such as erasure and resuming inter-book transfers.
    """
    workspace = str(settings.dagster_home / "workspace.yaml")
    listening = ("-s", str(code_socket(settings.dagster_home)))
    form = ("--log-format", "colored" if settings.log_format == "text" else "json")
    code = ("dagster", "code-server", "start", "-m", "pipelines.definitions", *listening, *form)
    programs = [
        _handed(
            _program(settings, "dagster-code", (sys.executable, "-m", *code)),
            secrets,
            settings.credentials(vault=True, store=True),
        ),
        _program(settings, "dagster-daemon", (sys.executable, "-m", "dagster._daemon", "run", "-w", workspace, *form)),
    ]
    return [*programs, _ui_program(settings, places, workspace)] if UI.exists() else programs


def _stream_program(settings: Settings, places: Ports, number: int) -> Program:
    name = "stream" if number == 1 else f"stream-{number}"
    metrics = places.metrics_descriptor(name)
    told = ("--server", str(number), "--metrics-descriptor", str(metrics))
    return replace(_ours(settings, name, "stream", *told), descriptors=(metrics,))


def _ui_program(settings: Settings, places: Ports, workspace: str) -> Program:
    descriptor = places.ui_socket.fileno()
    told = ("--descriptor", str(descriptor), "--workspace", workspace, "--sessions", str(sessions_folder(settings)))
    program = _program(settings, "dagster-ui", (str(_UI_PYTHON), "-m", "pipelines.webserver", *told))
    return replace(program, descriptors=(descriptor,))


def _ours(settings: Settings, name: str, *arguments: str) -> Program:
    return _program(settings, name, (sys.executable, "-m", "cofferdam", *arguments))


def _handed(program: Program, secrets: Credentials, wanted: dict[str, str]) -> Program:
    return replace(program, environ=program.environ | secrets.hand(program.name, wanted))


def _program(settings: Settings, name: str, command: tuple[str, ...]) -> Program:
    return Program(name, command, settings.child_environ(), ROOT)
