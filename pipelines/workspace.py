"""The workspace: where Dagster's web UI and daemon find our code, and how Dagster keeps its own state."""

import hashlib
import json
import re
import stat
import tempfile
from os import geteuid
from pathlib import Path
from typing import Final

from ledger.kernel.errors import InvalidInput

CONFIGURATION: Final = Path(__file__).parents[1] / "dagster_home"
"""The folder with Dagster's configuration, which is copied to where Dagster runs."""

_RUNS: Final = "history/runs"
"""The folder of the logs of runs, under Dagster's home."""

SOCKET: Final = "code.sock"
"""The file name of the code server's socket."""

_PLAIN: Final = re.compile(r"/[A-Za-z0-9/._-]{1,99}")
"""A socket's path that every system takes, and that gRPC, which reads it as part of a URL, cannot misread."""


def prepare_dagster_home(dagster_home: Path) -> None:
    """Bring Dagster's home up to date: its configuration, and a workspace that names the code server's socket."""
    prepare_instance(dagster_home)
    _replace(dagster_home / "workspace.yaml", workspace_yaml(code_socket(dagster_home)))


def prepare_instance(dagster_home: Path) -> None:
    """Bring the configuration alone up to date, for a build that needs no code server."""
    dagster_home.mkdir(parents=True, exist_ok=True)
    text = (CONFIGURATION / "dagster.yaml").read_text()
    runs = json.dumps(str(dagster_home.resolve() / _RUNS))
    _replace(dagster_home / "dagster.yaml", text.replace(f"base_dir: {_RUNS}", f"base_dir: {runs}"))


def code_socket(dagster_home: Path) -> Path:
    """Where the code server listens: in Dagster's home, or in a folder of its own where that path suits no socket.

    Raises `InvalidInput` where somebody else has that folder.
    """
    inside = dagster_home.resolve() / SOCKET
    if _PLAIN.fullmatch(str(inside)):
        return inside
    digest = hashlib.sha256(str(inside).encode()).hexdigest()[:16]
    folder = Path(tempfile.gettempdir()).resolve() / f"cofferdam-{digest}"
    folder.mkdir(mode=0o700, exist_ok=True)
    found = folder.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != geteuid() or found.st_mode & 0o077:
        raise InvalidInput(f"{folder} is not this user's alone, and the code server was to listen there: remove it")
    return folder / SOCKET


def workspace_yaml(socket: Path) -> str:
    """The text of a workspace whose code server listens on `socket`."""
    return (CONFIGURATION / "workspace.yaml").read_text().replace(f"socket: {SOCKET}", f"socket: {socket}")


def _replace(path: Path, text: str) -> None:
    """Write whole or not at all: another process may be reading it."""
    part = path.with_name(f"{path.name}.part")
    part.write_text(text)
    part.replace(path)
