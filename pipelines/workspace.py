"""The workspace: where Dagster's web UI and daemon find our code, and how Dagster keeps its own state."""

from pathlib import Path
from typing import Final

CONFIGURATION: Final = Path(__file__).parents[1] / "dagster_home"
"""The folder with Dagster's configuration, which is copied to where Dagster runs."""

CODE_PORT: Final = 4266
"""The port of the code server where nothing else has it."""


def prepare_dagster_home(dagster_home: Path, *, code_port: int = CODE_PORT) -> None:
    """Bring Dagster's home up to date: its configuration, and a workspace that names the port of the code server."""
    prepare_instance(dagster_home)
    _replace(dagster_home / "workspace.yaml", workspace_yaml(code_port))


def prepare_instance(dagster_home: Path) -> None:
    """Bring the configuration alone up to date, for a build that needs no code server."""
    dagster_home.mkdir(parents=True, exist_ok=True)
    _replace(dagster_home / "dagster.yaml", (CONFIGURATION / "dagster.yaml").read_text())


def workspace_yaml(code_port: int) -> str:
    """The text of a workspace whose code server listens on `code_port` of this machine."""
    return (CONFIGURATION / "workspace.yaml").read_text().replace(f"port: {CODE_PORT}", f"port: {code_port}")


def _replace(path: Path, text: str) -> None:
    """Write whole or not at all: another process may be reading it."""
    part = path.with_name(f"{path.name}.part")
    part.write_text(text)
    part.replace(path)
