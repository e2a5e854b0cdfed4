"""Rotation of the vault key in the home, and completion of an interrupted rotation or erasure."""

from collections.abc import Iterable, Sequence

from cofferdam.runtime.secrets import take_over, vault_key
from ledger.kernel.settings import Settings
from ledger.tenancy.directory import reaching
from ledger.vault.key_holders.holder import holder_of
from ledger.vault.vault import Vault
from ledger.vault.vaults import opened_vault


def rotate_own(settings: Settings, vaults: Sequence[Vault]) -> None:
    """Rotate the vault key in the home, or finish an interrupted rotation: each step is durable.

    Raises `Unavailable` before any change if a vault does not answer.
    """
    following = vault_key(settings.secrets, holder=holder_of(settings.key_holder), following=True)
    for vault in vaults:
        with reaching("a vault"):
            vault.keyring().admit(following)
    take_over(settings.secrets)
    retire_others(vaults, following)


def retire_others(vaults: Iterable[Vault], key: bytes) -> None:
    """Make a vault key the only one that opens the vaults, and wrap all subjects' keys anew."""
    for vault in vaults:
        with reaching("a vault"):
            vault.keyring().retire_others(key)
            vault.renew(at_least_once=True)


def settle(settings: Settings) -> None:
    """Finish an interrupted renewal in the vault of the settings' own server.

    Also rotate a home's key that wrapped keys directly, before vaults had keyrings: it still opens the keys in older
    logs and copies. If there are vaults on other servers, that waits for `cofferdam vault rotate`.
    """
    with opened_vault(settings) as vault:
        vault.renew()
        is_own = settings.vault_key is None and not settings.book_urls
        if is_own and vault.keyring().open().is_direct:
            rotate_own(settings, [vault])
