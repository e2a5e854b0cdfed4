"""The vault of each server: keys are on the server of their books, in its tables or in a database of their own."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from types import TracebackType

import sqlalchemy as sa

from ledger.kernel.engines import create_engine
from ledger.kernel.errors import InvalidInput
from ledger.kernel.secret_files import read_secrets
from ledger.kernel.settings import Settings
from ledger.tenancy.directory import BookLocation, Directory
from ledger.vault.key_holders.holder import WRAPPED, KeyHolder, holder_of, opened_key
from ledger.vault.keyring import Keyrings
from ledger.vault.vault import Vault


class VaultedDirectory(Directory):
    """A directory that also has the vault of every book.

    A book's vault is in the tables of its own server, unless `vault_urls` has another address by the book's name;
    `vault_url` is that of all books on the default server.
    """

    def __init__(
        self,
        default_url: str,
        book_urls: Mapping[str, str],
        *,
        keyrings: Keyrings,
        vault_url: str | None = None,
        vault_urls: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(default_url, book_urls)
        self._default, self._placed = default_url, frozenset(book_urls.values())
        self._vault_url, self._vault_urls = vault_url or default_url, {**book_urls, **(vault_urls or {})}
        # Separate connections: a request that holds one of the ledger must not wait there for another.
        self._stores = {url: create_engine(url) for url in (self._vault_url, *self._vault_urls.values())}
        self._vaults = {url: Vault(store, keyrings) for url, store in self._stores.items()}

    def __exit__(self, kind: type[BaseException] | None, fault: BaseException | None, at: TracebackType | None) -> None:
        for store in self._stores.values():
            store.dispose()
        super().__exit__(kind, fault, at)

    def vault_of(self, place: BookLocation) -> Vault:
        """Return the vault of a book."""
        return self.vault_for(place.book.name)

    def vault_for(self, name: str) -> Vault:
        """Return the vault that a book of this name has, or would have."""
        return self._vaults[self._vault_url if self.is_on_default(name) else self._vault_urls[name]]

    def stores_apart(self) -> Iterator[sa.Engine]:
        """Yield the engine of every vault that is not on a book's server, once."""
        return (store for url, store in self._stores.items() if url not in (self._default, *self._placed))

    def vaults(self) -> Iterator[Vault]:
        """Yield every vault once."""
        return iter(self._vaults.values())


def directory_of(settings: Settings) -> VaultedDirectory:
    """Return the directory of settings that name a database and a vault key. Raises `InvalidInput` for others."""
    return VaultedDirectory(
        _required_url(settings),
        settings.book_urls,
        keyrings=keyrings_of(settings),
        vault_url=settings.vault_url,
        vault_urls=settings.book_vault_urls,
    )


@contextmanager
def opened_vault(settings: Settings) -> Iterator[Vault]:
    """Open the vault of the settings' own server while the block runs. Raises `InvalidInput` without a key."""
    engine = create_engine(settings.vault_url or _required_url(settings))
    try:
        yield Vault(engine, keyrings_of(settings))
    finally:
        engine.dispose()


def keyrings_of(settings: Settings) -> Keyrings:
    """Return the keyrings of settings, with the vault keys named there, or else those in the file of secrets.

    The file is read at each opening, so that a running process follows a rotation. Raises `InvalidInput` without a key.
    """
    vault_keys = partial(_vault_keys, settings, holder_of(settings.key_holder))
    vault_keys()
    return Keyrings(settings.keyrings, vault_keys)


def _vault_keys(settings: Settings, holder: KeyHolder | None) -> list[bytes]:
    """Return the vault key, and during a rotation the next one."""
    if settings.vault_key is not None:
        named = [settings.vault_key, settings.next_vault_key]
    else:
        kept = read_secrets(settings.secrets)
        named = [_kept(kept, name, holder) for name in ("vault_key", "next_vault_key")]
    if named[0] is None:
        raise InvalidInput("personal data needs COFFERDAM_VAULT_KEY, or the file of secrets that `cofferdam` makes")
    return [key for key in named if key is not None]


def _kept(kept: Mapping[str, str], name: str, holder: KeyHolder | None) -> bytes | None:
    if name in kept:
        return bytes.fromhex(kept[name])
    wrapped = kept.get(f"{WRAPPED}{name}")
    return None if wrapped is None else opened_key(wrapped, holder)


def _required_url(settings: Settings) -> str:
    if settings.database_url is None:
        raise InvalidInput("personal data needs COFFERDAM_DATABASE_URL; `cofferdam` sets it")
    return settings.database_url
