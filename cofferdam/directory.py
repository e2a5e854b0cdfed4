"""The servers of an installation: its own, and those that its directory names for other books."""

from collections.abc import Iterator
from contextlib import contextmanager, nullcontext

from cofferdam.runtime.embedded import database
from ledger.kernel.settings import Settings
from ledger.migrations.upgrade import upgrade
from ledger.tenancy.directory import Directory, Server, reaching


@contextmanager
def servers(settings: Settings) -> Iterator[Directory]:
    """Find every server and wait for none: only the embedded one, where that is the default, is started and held."""
    held = database(settings) if settings.database_url is None else nullcontext(settings.database_url)
    with held as url, Directory(url, settings.book_urls) as found:
        yield found


def bring_up(server: Server) -> None:
    """Bring the schema of a server up to date. Raises `Unavailable` when it does not answer."""
    with reaching(server.name):
        upgrade(server.url)
