"""The installation: a run proves that it works on its own home and ledger before it changes anything."""

import json
from pathlib import Path
from typing import Final
from uuid import uuid4

import sqlalchemy as sa

from ledger.journal.feed import cluster_id
from ledger.kernel.engines import create_engine
from ledger.kernel.errors import InvalidInput
from ledger.kernel.operations import note_begin
from ledger.kernel.settings import Settings
from ledger.tenancy.directory import reaching

_FILE: Final = "installation.json"


def claim(settings: Settings) -> None:
    """Write the owner into Dagster's home: the id of this home, created once, and the ledger that it works on."""
    path = settings.dagster_home / _FILE
    home = _noted(path).get("home") or uuid4().hex
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f"{path.name}.part")
    part.write_text(json.dumps({"home": home, "ledger": _ledger(settings)}) + "\n", "utf-8")
    part.replace(path)
    note_begin(settings)


def require_own(settings: Settings, dagster_home: Path) -> None:
    """Check that a run's Dagster home belongs to the settings that it would use.

    Raises `InvalidInput` if the run was launched in another home, or if the home belongs to another ledger.
    """
    ours, theirs = _noted(settings.dagster_home / _FILE), _noted(dagster_home / _FILE)
    if not ours or ours.get("home") != theirs.get("home"):
        raise InvalidInput(
            f"this run was launched in {dagster_home}, and the code that would execute it belongs to "
            f"{settings.dagster_home}: nothing was touched; start each installation on a COFFERDAM_HOME of its own"
        )
    if (ledger := _ledger(settings)) != ours["ledger"]:
        raise InvalidInput(
            f"{settings.dagster_home} belongs to the ledger {ours['ledger']}, and COFFERDAM_DATABASE_URL leads to "
            f"{ledger}: nothing was touched; where the ledger was moved, start `cofferdam up` again"
        )


def _ledger(settings: Settings) -> str:
    """Return the id of the cluster and the name of the database, which together identify a ledger."""
    assert settings.database_url is not None, "Dagster runs on a database"
    engine = create_engine(settings.database_url)
    try:
        with reaching("the default server"), engine.connect() as connection:
            database: str = connection.execute(sa.select(sa.func.current_database())).scalar_one()
            return f"{cluster_id(connection)}/{database}"
    finally:
        engine.dispose()


def _noted(path: Path) -> dict[str, str]:
    try:
        return dict(json.loads(path.read_text("utf-8")))
    except (FileNotFoundError, ValueError, TypeError):
        return {}
