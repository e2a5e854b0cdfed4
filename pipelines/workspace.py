"""The workspace: tells Dagster's web UI and daemon how to reach our code, and configures Dagster's storage."""

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
"""The folder with Dagster's configuration, which is copied into Dagster's home."""

_RUNS: Final = "history/runs"
"""The folder of the logs of runs, under Dagster's home."""

SOCKET: Final = "code.sock"
"""The file name of the code server's socket."""

_PLAIN: Final = re.compile(r"/[A-Za-z0-9/._-]{1,99}")
"""A socket path that every system accepts, and that gRPC does not misread as part of a URL."""


def prepare_dagster_home(dagster_home: Path) -> None:
    """Update Dagster's home: its configuration, and a workspace that names the code server's socket."""
    prepare_instance(dagster_home)
    _replace(dagster_home / "workspace.yaml", workspace_yaml(code_socket(dagster_home)))


def prepare_instance(dagster_home: Path) -> None:
    """Update only the configuration, for a build without a code server."""
    dagster_home.mkdir(parents=True, exist_ok=True)
    text = (CONFIGURATION / "dagster.yaml").read_text()
    runs = json.dumps(str(dagster_home.resolve() / _RUNS))
    _replace(dagster_home / "dagster.yaml", text.replace(f"base_dir: {_RUNS}", f"base_dir: {runs}"))


def code_socket(dagster_home: Path) -> Path:
    """Return the code server's socket: in Dagster's home, or in a separate folder if that path is unsuitable.

    Raises `InvalidInput` if another user owns that folder.
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
    """Return the YAML of a workspace whose code server listens on `socket`."""
    return (CONFIGURATION / "workspace.yaml").read_text().replace(f"socket: {SOCKET}", f"socket: {socket}")


def _replace(path: Path, text: str) -> None:
    """Replace the file atomically: another process may be reading it."""
    part = path.with_name(f"{path.name}.part")
    part.write_text(text)
    part.replace(path)
