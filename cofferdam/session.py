"""The session of a command, which opens the home and every server, and closes them at its end."""

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import dataclass

from cofferdam.actor import operator
from cofferdam.directory import bring_up
from cofferdam.runtime.embedded import database
from cofferdam.vault import vaulted
from ledger.kernel.errors import Unavailable
from ledger.kernel.settings import Settings
from ledger.kernel.work import Work, begin
from ledger.migrations.upgrade import upgrade
from ledger.tenancy.directory import BookLocation, reaching
from ledger.vault.vault import Vault
from ledger.vault.vaults import VaultedDirectory, directory_of


@dataclass(frozen=True, slots=True)
class Session:
    """The context of a command: settings with the running database, the books of every server, and the actor."""

    settings: Settings
    directory: VaultedDirectory
    actor: str

    def book(self, name: str) -> BookLocation:
        """Find a book on any server. Raises `NotFound`, and `Unavailable` if its server does not answer."""
        return self.directory.place_of(name)

    def vault(self, book: BookLocation) -> Vault:
        """Return the vault of a book."""
        return self.directory.vault_of(book)

    def work(self, book: BookLocation) -> AbstractContextManager[Work]:
        """Begin a unit of work of the operator on a book's server."""
        return begin(book.engine, actor=self.actor)


@contextmanager
def session() -> Iterator[Session]:
    """Provide the installation's database and every server; the schemas of all that answer are brought up to date.

    Raises `Unavailable` if the installation's own server does not answer.
    """
    settings = Settings.from_process()
    with database(settings) as url:
        held = vaulted(settings, url)
        with directory_of(held) as directory:
            _bring_up_others(held, directory)
            yield Session(held, directory, operator())


def _bring_up_others(settings: Settings, directory: VaultedDirectory) -> None:
    for other in directory.servers()[1:]:
        with suppress(Unavailable):
            bring_up(other)
    for name, vault_url in settings.book_vault_urls.items():
        with suppress(Unavailable), reaching(f"the vault of {name}"):
            upgrade(vault_url)
