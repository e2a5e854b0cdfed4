"""Resources: what Dagster hands to assets, made once per process from the settings."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from lake.zones import Zones
from ledger.kernel.errors import InvalidInput
from ledger.kernel.settings import Settings
from ledger.partners.directory import Directory


def resources(settings: Settings) -> Mapping[str, object]:
    """The `settings`, the `directory` of the ledger's servers, and the `zones`. Raises `InvalidInput` without one."""
    if settings.database_url is None:
        raise InvalidInput("Dagster needs COFFERDAM_DATABASE_URL; start it with `cofferdam up`, which sets it")
    directory = Directory(settings.database_url, settings.book_urls)
    return {"settings": settings, "directory": directory, "zones": Zones.of(settings)}


@contextmanager
def held_resources(settings: Settings) -> Iterator[Mapping[str, object]]:
    """The same for as long as the block lasts: its connections are closed at the end."""
    provided = resources(settings)
    directory = provided["directory"]
    assert isinstance(directory, Directory)
    with directory:
        yield provided
