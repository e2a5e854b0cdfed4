"""The programs that `cofferdam up` keeps running, each with its command and its environment."""

import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Final

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


def api_program(settings: Settings, places: Places) -> Program:
    """Name the API's process."""
    return _ours(settings, "api", "serve", "--port", str(places.api))


def stream_programs(settings: Settings) -> list[Program]:
    """Name the stream workers' processes: one for each PostgreSQL server."""
    assert settings.database_url is not None, "up runs on a database"
    with Directory(settings.database_url, settings.book_urls) as directory:
        numbers = [server.number for server in directory.servers()]
    return [
        _ours(settings, "stream" if number == 1 else f"stream-{number}", "stream", "--server", str(number))
        for number in numbers
    ]


def build_program(settings: Settings) -> Program:
    """Name a build of the marts and releases, which ends."""
    return _ours(settings, "build", "build")


def dagster_programs(settings: Settings, places: Places) -> list[Program]:
    """Name Dagster's processes: the code, the daemon with its schedules, and the web UI where it is installed."""
    workspace = str(settings.dagster_home / "workspace.yaml")
    code = ("dagster", "code-server", "start", "-m", "pipelines.definitions", "-h", HOST, "-p", str(places.code))
    programs = [
        _program(settings, "dagster-code", (sys.executable, "-m", *code)),
        _program(settings, "dagster-daemon", (sys.executable, "-m", "dagster._daemon", "run", "-w", workspace)),
    ]
    if UI.exists():
        address = ("-h", HOST, "-p", str(places.ui))
        programs.append(_program(settings, "dagster-ui", (str(UI), "-w", workspace, *address)))
    return programs


def _ours(settings: Settings, name: str, *arguments: str) -> Program:
    return _program(settings, name, (sys.executable, "-m", "cofferdam", *arguments))


def _program(settings: Settings, name: str, command: tuple[str, ...]) -> Program:
    return Program(name, command, settings.child_environ(), ROOT)
