"""The directory of an installation: its own server, and those that its file names for other books."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress

from cofferdam.embedded import database
from ledger.kernel.errors import Unavailable
from ledger.kernel.settings import Settings
from ledger.migrations.upgrade import upgrade
from ledger.partners.directory import Directory, reaching


@contextmanager
def directory(settings: Settings) -> Iterator[Directory]:
    """Hold the installation's database and find every book from it; other servers that answer are brought up to date.

    Raises `Unavailable` when the installation's own server does not answer.
    """
    with database(settings) as url, Directory(url, settings.book_urls) as found:
        for other in found.urls()[1:]:
            with suppress(Unavailable), reaching("another server"):
                upgrade(other)
        yield found
