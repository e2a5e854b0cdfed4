"""The servers of an installation: its own, and those in its directory for other books."""

from collections.abc import Iterator
from contextlib import contextmanager, nullcontext

from cofferdam.runtime.embedded import database
from ledger.kernel.settings import Settings
from ledger.migrations.upgrade import upgrade
from ledger.tenancy.directory import Directory, Server, reaching


@contextmanager
def servers(settings: Settings) -> Iterator[Directory]:
    """Provide every server without connecting to it; the embedded one, if it is the default, runs during the block."""
    held = database(settings) if settings.database_url is None else nullcontext(settings.database_url)
    with held as url, Directory(url, settings.book_urls) as found:
        yield found


def bring_up(server: Server) -> None:
    """Bring the schema of a server up to date. Raises `Unavailable` if it does not answer."""
    with reaching(server.name):
        upgrade(server.url)
