"""The installation's vault: its key from the secrets, and the subjects' keys in a database of their own."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from cofferdam.runtime.cluster import Cluster
from cofferdam.runtime.secrets import vault_key
from ledger.kernel.logins import APP_LOGIN
from ledger.kernel.settings import Settings
from ledger.migrations.upgrade import upgrade
from ledger.vault.key_holders.holder import holder_of
from ledger.vault.vault import Vault
from ledger.vault.vaults import opened_vault

DATABASE: Final = "cofferdam_vault"
"""The vault's database on the embedded server, so that a dump of the ledger contains no keys."""


def vaulted(settings: Settings, url: str) -> Settings:
    """Return the settings with the running database and its vault, after migrating a vault that is a separate one."""
    own = Cluster.of(settings.home).url(DATABASE, APP_LOGIN) if settings.database_url is None else None
    if settings.vault_key is None:
        vault_key(settings.secrets, holder=holder_of(settings.key_holder))
    found = settings.on(url).vaulted(own)
    if found.vault_url is not None and found.vault_url != own:
        upgrade(found.vault_url)
    return found


@contextmanager
def vault(settings: Settings, url: str) -> Iterator[Vault]:
    """Open the vault of the running database for the block."""
    with opened_vault(vaulted(settings, url)) as found:
        yield found
