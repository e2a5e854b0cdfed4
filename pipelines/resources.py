"""Resources: what Dagster hands to assets, made once per process from the settings."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import sqlalchemy as sa

from lake.tables import Lake
from ledger.kernel.errors import InvalidInput
from ledger.kernel.settings import Settings
from ledger.kernel.sql import create_engine


def resources(settings: Settings) -> Mapping[str, object]:
    """The `settings`, the `engine` on the ledger's database, and the `lake`. Raises `InvalidInput` without one."""
    if settings.database_url is None:
        raise InvalidInput("Dagster needs COFFERDAM_DATABASE_URL; start it with `cofferdam up`, which sets it")
    return {"settings": settings, "engine": create_engine(settings.database_url), "lake": Lake.of(settings)}


@contextmanager
def held_resources(settings: Settings) -> Iterator[Mapping[str, object]]:
    """The same for as long as the block lasts: its connections are closed at the end."""
    provided = resources(settings)
    try:
        yield provided
    finally:
        engine = provided["engine"]
        assert isinstance(engine, sa.Engine)
        engine.dispose()
