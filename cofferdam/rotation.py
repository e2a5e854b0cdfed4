"""Rotation of the vault key that the home keeps, and the end of what a rotation or a forgetting left half done."""

from collections.abc import Iterable, Sequence

from cofferdam.runtime.home import take_over, vault_key
from ledger.kernel.settings import Settings
from ledger.tenancy.directory import reaching
from ledger.vault.vault import Vault
from ledger.vault.vaults import opened_vault


def rotate_own(settings: Settings, vaults: Sequence[Vault]) -> None:
    """Rotate the vault key that the home keeps: each step is durable, and a rotation that broke off is finished.

    Raises `Unavailable` before anything has changed where a vault does not answer.
    """
    following = vault_key(settings.secrets, following=True)
    for vault in vaults:
        with reaching("a vault"):
            vault.keyring().admit(following)
    take_over(settings.secrets)
    retire_others(vaults, following)


def retire_others(vaults: Iterable[Vault], key: bytes) -> None:
    """Let a vault key alone open the vaults, and wrap all keys of subjects anew."""
    for vault in vaults:
        with reaching("a vault"):
            vault.keyring().retire_others(key)
            vault.renew(at_least_once=True)


def settle(settings: Settings) -> None:
    """Finish what broke off in the vault of the settings' own server.

    And rotate a home's key that wrapped keys by itself, as was done before vaults had keyrings: it opens what older
    logs and copies hold. Where there are vaults on other servers, that waits for `cofferdam vault rotate`.
    """
    with opened_vault(settings) as vault:
        vault.renew()
        is_own = settings.vault_key is None and not settings.book_urls
        if is_own and vault.keyring().open().is_direct:
            rotate_own(settings, [vault])
