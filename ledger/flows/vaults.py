"""The vault of each server: keys lie on the server of the books that they belong to, in its tables or in their own."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from types import TracebackType

from ledger.kernel.errors import InvalidInput
from ledger.kernel.settings import Settings
from ledger.kernel.sql import create_engine
from ledger.partners.directory import Directory, Place
from ledger.vault.vault import Vault


class VaultedDirectory(Directory):
    """A directory that has the vault of every book beside the book.

    A book's vault is in the tables of its own server, unless `vault_urls` says by the book's name where else it is;
    `vault_url` says it of all books on the default server.
    """

    def __init__(
        self,
        default_url: str,
        book_urls: Mapping[str, str],
        *,
        vault_key: bytes,
        vault_url: str | None = None,
        vault_urls: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(default_url, book_urls)
        self._vault_url, self._vault_urls = vault_url or default_url, {**book_urls, **(vault_urls or {})}
        # Connections of their own: who holds one of the ledger must not wait there for another.
        self._stores = {url: create_engine(url) for url in (self._vault_url, *self._vault_urls.values())}
        self._vaults = {url: Vault(store, vault_key) for url, store in self._stores.items()}

    def __exit__(self, kind: type[BaseException] | None, fault: BaseException | None, at: TracebackType | None) -> None:
        for store in self._stores.values():
            store.dispose()
        super().__exit__(kind, fault, at)

    def vault_of(self, place: Place) -> Vault:
        """The vault of a book."""
        on_default = place.engine is self.default_engine
        return self._vaults[self._vault_url if on_default else self._vault_urls[place.book.name]]


def directory_of(settings: Settings) -> VaultedDirectory:
    """The directory of settings that name a database and a vault key. Raises `InvalidInput` for others."""
    url, key = _required(settings)
    return VaultedDirectory(
        url,
        settings.book_urls,
        vault_key=key,
        vault_url=settings.vault_url,
        vault_urls=settings.book_vault_urls,
    )


@contextmanager
def opened_vault(settings: Settings) -> Iterator[Vault]:
    """The vault of the books of the settings' own server, while the block runs. Raises `InvalidInput` without a key."""
    url, key = _required(settings)
    engine = create_engine(settings.vault_url or url)
    try:
        yield Vault(engine, key)
    finally:
        engine.dispose()


def _required(settings: Settings) -> tuple[str, bytes]:
    if settings.database_url is None or settings.vault_key is None:
        raise InvalidInput(
            "what is personal needs COFFERDAM_DATABASE_URL and COFFERDAM_VAULT_KEY; `cofferdam` sets both"
        )
    return settings.database_url, settings.vault_key
