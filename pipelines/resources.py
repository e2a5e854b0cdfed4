"""Resources: the objects that Dagster passes to assets, made once per process from the settings."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import dagster as dg

from lake.residency.zones import Zones
from ledger.kernel.errors import InvalidInput
from ledger.kernel.settings import Settings
from ledger.tenancy.directory import Directory
from pipelines.installation import require_own


def resources(settings: Settings) -> Mapping[str, object]:
    """Return the `settings`, the `directory` of the ledger's servers, and the `zones`. Raises `InvalidInput`."""
    if settings.database_url is None:
        raise InvalidInput("Dagster needs COFFERDAM_DATABASE_URL; start it with `cofferdam up`, which sets it")
    directory = Directory(settings.database_url, settings.book_urls)
    return {"settings": settings, "directory": directory, "zones": Zones.of(settings)}


@contextmanager
def held_resources(settings: Settings) -> Iterator[Mapping[str, object]]:
    """Return the same resources for the length of the block, at whose end their connections are closed."""
    provided = resources(settings)
    directory = provided["directory"]
    assert isinstance(directory, Directory)
    with directory:
        yield provided


def proven(settings: Settings, value: object) -> dg.ResourceDefinition:
    """Return a resource that is available only to runs, ticks and checks that were launched in this installation.

    An instance without a folder exists only in this process, so its runs belong to this process.
    """

    def give(context: dg.InitResourceContext) -> object:
        assert context.instance is not None, "everything that Dagster runs has an instance"
        if not context.instance.is_ephemeral:
            require_own(settings, Path(context.instance.root_directory))
        return value

    return dg.ResourceDefinition(give)
