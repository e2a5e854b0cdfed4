"""Tracing: opens the published warehouse with its recorded lineage and the lake below it."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import duckdb

from lake.delta.damage import naming_damage
from lake.residency.zones import Zone
from lake.tables import Lake
from ledger.kernel.errors import NotFound, Unavailable, one_line
from ledger.kernel.record import Record
from ledger.kernel.settings import Settings
from ledger.records import STREAMED
from pipelines.marts.damage import tables_of
from pipelines.marts.lineage import Build, Model, recorded_build, recorded_models
from pipelines.marts.sources import PinnedBook, pinned_books
from pipelines.marts.warehouse import opened


@dataclass(frozen=True, slots=True)
class Tracing:
    """A warehouse opened for tracing: the connection, its lake, its build, its models and its books' watermarks."""

    warehouse: duckdb.DuckDBPyConnection
    settings: Settings
    lake: Lake
    build: Build
    models: dict[str, Model]
    cuts: dict[int, PinnedBook]
    """The watermarks by book number."""

    @property
    def marts(self) -> list[Model]:
        """The models that declare their origins."""
        return [model for model in self.models.values() if model.origins]


@contextmanager
def opened_tracing(settings: Settings) -> Iterator[Tracing]:
    """Open the zone's published warehouse read-only; a build that publishes meanwhile does not disturb it.

    Raises `NotFound` if there is no warehouse, or if it has no recorded lineage; `Unavailable` if lake files that it
    was built from are deleted, and `DamagedLake` if a live file is damaged.
    """
    if not settings.warehouse.exists():
        raise NotFound("no warehouse has been built yet; build it: cofferdam build")
    with opened(settings.warehouse, read_only=True) as warehouse:
        build = recorded_build(warehouse)
        cuts = {int(cut.book_id): cut for cut in pinned_books(warehouse)}
        lake = Zone.of(settings).lake
        try:
            with naming_damage(lake, tables_of(cuts.values())):
                yield Tracing(warehouse, settings, lake, build, recorded_models(warehouse), cuts)
        except duckdb.IOException as gone:
            raise Unavailable(
                f"files of the lake that this warehouse stands on cannot be read ({one_line(gone, 200)}); replaced "
                "ones are kept for some hours: build it anew with cofferdam build, and trace again"
            ) from gone


def record_of(table: str) -> type[Record]:
    """Return the record of a bronze table, by name."""
    return next(record for record in STREAMED if table == record.TABLE)
