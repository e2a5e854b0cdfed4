"""The programs that `cofferdam up` keeps running, each with its command and its environment."""

import sys
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from cofferdam.credentials import Credentials
from cofferdam.ports import HOST, free_port
from cofferdam.processes import Program
from ledger.kernel.settings import Settings
from ledger.partners.directory import Directory

ROOT: Final = Path(__file__).parent.parent
"""The repository, which is the working folder of every program."""
UI: Final = ROOT / ".venv-dagster" / "bin" / "dagster-webserver"
"""Dagster's web UI; it lives in an environment of its own (decision 0004)."""


@dataclass(frozen=True, slots=True)
class Places:
    """The ports that were free: of the API, of Dagster's web UI, of its code server."""

    api: int
    ui: int
    code: int

    @classmethod
    def find(cls, *, api: int, ui: int) -> "Places":
        """Step around what is taken, from the wanted ports on."""
        first = free_port(api)
        second = free_port(ui, apart_from=frozenset({first}))
        return cls(first, second, free_port(4266, apart_from=frozenset({first, second})))

    def addresses(self) -> dict[str, str]:
        """Give what a person opens, by its name."""
        shown = {"API": f"http://{HOST}:{self.api}/graphql"}
        return shown | ({"Dagster": f"http://{HOST}:{self.ui}"} if UI.exists() else {})


def api_program(settings: Settings, places: Places, secrets: Credentials) -> Program:
    """Name the API's process; it opens what is sealed, and reads no lake."""
    program = _ours(settings, "api", "serve", "--port", str(places.api))
    return _handed(program, secrets, settings.credentials(vault=True))


def stream_programs(settings: Settings, secrets: Credentials) -> list[Program]:
    """Name the stream workers' processes: one for each PostgreSQL server. They open nothing that is sealed."""
    assert settings.database_url is not None, "up runs on a database"
    with Directory(settings.database_url, settings.book_urls) as directory:
        numbers = [server.number for server in directory.servers()]
    programs = [
        _ours(settings, "stream" if number == 1 else f"stream-{number}", "stream", "--server", str(number))
        for number in numbers
    ]
    return [_handed(program, secrets, settings.credentials(store=True)) for program in programs]


def build_program(settings: Settings, secrets: Credentials) -> Program:
    """Name a build of the marts and releases, which ends; it opens nothing that is sealed."""
    return _handed(_ours(settings, "build", "build"), secrets, settings.credentials(store=True))


def dagster_programs(settings: Settings, places: Places, secrets: Credentials) -> list[Program]:
    """Name Dagster's processes: the code, the daemon with its schedules, and the web UI where it is installed.

    Only the code needs secrets: jobs run beside it, among them those that forget and that carry crossings on.
    """
    workspace = str(settings.dagster_home / "workspace.yaml")
    code = ("dagster", "code-server", "start", "-m", "pipelines.definitions", "-h", HOST, "-p", str(places.code))
    programs = [
        _handed(
            _program(settings, "dagster-code", (sys.executable, "-m", *code)),
            secrets,
            settings.credentials(vault=True, store=True),
        ),
        _program(settings, "dagster-daemon", (sys.executable, "-m", "dagster._daemon", "run", "-w", workspace)),
    ]
    if UI.exists():
        address = ("-h", HOST, "-p", str(places.ui))
        programs.append(_program(settings, "dagster-ui", (str(UI), "-w", workspace, *address)))
    return programs


def _ours(settings: Settings, name: str, *arguments: str) -> Program:
    return _program(settings, name, (sys.executable, "-m", "cofferdam", *arguments))


def _handed(program: Program, secrets: Credentials, wanted: dict[str, str]) -> Program:
    return replace(program, environ=program.environ | secrets.hand(program.name, wanted))


def _program(settings: Settings, name: str, command: tuple[str, ...]) -> Program:
    return Program(name, command, settings.child_environ(), ROOT)
