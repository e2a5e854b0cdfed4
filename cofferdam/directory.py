"""The directory of an installation: its own server, and those that its file names for other books."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress

from cofferdam.embedded import database
from cofferdam.vault import vaulted
from ledger.flows.vaults import VaultedDirectory, directory_of
from ledger.kernel.errors import Unavailable
from ledger.kernel.settings import Settings
from ledger.migrations.upgrade import upgrade
from ledger.partners.directory import reaching


@contextmanager
def directory(settings: Settings) -> Iterator[VaultedDirectory]:
    """Hold the installation's database and find every book from it; other servers that answer are brought up to date.

    Raises `Unavailable` when the installation's own server does not answer.
    """
    with database(settings) as url, directory_of(vaulted(settings, url)) as found:
        for other in found.urls()[1:]:
            with suppress(Unavailable), reaching("another server"):
                upgrade(other)
        yield found
