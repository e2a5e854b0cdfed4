"""The dbt project: its command line, and its parsed manifest."""

import hashlib
import json
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from importlib.metadata import version
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

from ledger.kernel.errors import Refusal
from ledger.kernel.settings import Settings

PROJECT: Final = Path(__file__).parents[2] / "dbt_project"
"""The folder with the models; nothing is ever written to it."""

MARTS: Final = ("--select", "+path:models/marts", "--exclude-resource-type", "unit_test")
"""The selector of every mart with its ancestors, and the tests of all of these."""

_MANIFEST: Final = "manifest.json"
_MODELS: Final = "partial_parse.msgpack"
"""The parsed models in the format that dbt itself reads again."""

_CLI: Final = "from dbt.cli.main import cli; cli()"  # the dbt of this environment, whatever PATH says


class BrokenProject(Refusal):
    """dbt cannot parse the models; the text is dbt's."""

    code = "broken_project"


def dbt_command(subcommand: str, *, warehouse: Path, artifacts: Path, flags: tuple[str, ...] = ()) -> list[str]:
    """Return the command line of dbt on the project, which builds the file `warehouse` and writes to `artifacts`.

    Run it in the folder of that file, which it names without a path: dbt's parsed state is valid for one connection
    only, so the connection must be the same for every build.
    """
    variables = {"warehouse": warehouse.name}
    return [
        sys.executable,
        "-c",
        _CLI,
        *dbt_arguments(subcommand, artifacts=artifacts, variables=variables, flags=flags),
    ]


def dbt_arguments(
    subcommand: str, *, artifacts: Path, variables: Mapping[str, object], flags: tuple[str, ...] = ()
) -> list[str]:
    """Return the arguments of any dbt executable to run it on the project."""
    places = ("--project-dir", str(PROJECT), "--profiles-dir", str(PROJECT))
    outputs = ("--target-path", str(artifacts), "--log-path", str(artifacts))
    return [subcommand, *places, *outputs, "--vars", json.dumps(variables), *flags]


def manifest(settings: Settings) -> dict[str, Any]:
    """Return the manifest of the current models; dbt parses them if a file, or dbt itself, has changed since.

    Raises `BrokenProject`.
    """
    parsed: dict[str, Any] = json.loads((_parsed(settings) / _MANIFEST).read_text())
    return parsed


def as_parsed(settings: Settings) -> tuple[str, ...]:
    """Return the flags with which dbt reuses the parsed models, which halves its time.

    Raises `BrokenProject`.
    """
    return ("--partial-parse-file-path", str(_parsed(settings) / _MODELS))


def _parsed(settings: Settings) -> Path:
    """Return the folder with the parsed state of the current models, for builds of the warehouse of these settings."""
    shelf, digest = settings.home / "dbt", _digest()
    folder = shelf / f"{digest}-{settings.warehouse.stem}"
    if not (folder / _MANIFEST).exists():
        shelf.mkdir(parents=True, exist_ok=True)
        with TemporaryDirectory(dir=shelf) as made:
            _parse(settings, Path(made))
            _keep(Path(made), folder)
        _forget(shelf, digest)
    return folder


def _parse(settings: Settings, artifacts: Path) -> None:
    command = dbt_command("parse", warehouse=settings.warehouse, artifacts=artifacts, flags=("--no-use-colors",))
    environ = settings.child_environ()
    outcome = subprocess.run(command, cwd=artifacts, env=environ, capture_output=True, text=True, check=False)
    if outcome.returncode != 0:
        raise BrokenProject(f"dbt cannot parse the models: {_last_lines(outcome.stdout or outcome.stderr)}")


def _keep(made: Path, folder: Path) -> None:
    """Move the parsed files into place, the manifest last; another process may have created the same ones already."""
    folder.mkdir(exist_ok=True)
    for name in (_MODELS, _MANIFEST):
        (made / name).replace(folder / name)


def _forget(shelf: Path, newest: str) -> None:
    """Delete what is parsed of other models."""
    for folder in shelf.iterdir():
        if not folder.name.startswith((newest, "tmp")):
            shutil.rmtree(folder, ignore_errors=True)


def _digest() -> str:
    digest = hashlib.sha256(f"{version('dbt-core')} {version('dbt-duckdb')}".encode())
    for path in _files():
        digest.update(str(path.relative_to(PROJECT)).encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()[:16]


def _files() -> Iterator[Path]:
    return (path for path in sorted(PROJECT.rglob("*")) if path.suffix in (".sql", ".yml", ".csv", ".md"))


def _last_lines(text: str) -> str:
    return " ".join(text.split())[-600:]
