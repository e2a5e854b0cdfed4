"""The directory of an installation: its own server, and those that its file names for other books."""

from collections.abc import Iterator
from contextlib import contextmanager, nullcontext, suppress

from cofferdam.runtime.embedded import database
from cofferdam.vault import vaulted
from ledger.kernel.errors import Unavailable
from ledger.kernel.settings import Settings
from ledger.migrations.upgrade import upgrade
from ledger.tenancy.directory import Directory, Server, reaching
from ledger.vault.vaults import VaultedDirectory, directory_of


@contextmanager
def directory(settings: Settings) -> Iterator[VaultedDirectory]:
    """Hold the installation's database and find every book from it; other servers that answer are brought up to date.

    Raises `Unavailable` when the installation's own server does not answer.
    """
    with database(settings) as url, directory_of(vaulted(settings, url)) as found:
        for other in found.servers()[1:]:
            with suppress(Unavailable):
                bring_up(other)
        for name, vault_url in settings.book_vault_urls.items():
            with suppress(Unavailable), reaching(f"the vault of {name}"):
                upgrade(vault_url)
        yield found


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
