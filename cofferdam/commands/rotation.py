"""`cofferdam vault`: a new vault key, and an end to what is left of those who are forgotten, while everything runs."""

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Annotated, Final

import typer

from cofferdam.directory import directory
from cofferdam.runtime.home import take_over, vault_key
from ledger.kernel.errors import InvalidInput
from ledger.kernel.settings import Settings
from ledger.tenancy.directory import reaching
from ledger.vault.vault import Vault
from ledger.vault.vaults import opened_vault


def command() -> None:
    """Keys of the vaults: how they stand, a new vault key, and an end to what is left of those who are forgotten."""


def status(
    *, as_json: Annotated[bool, typer.Option("--json", help="Print one JSON value and nothing else.")] = False
) -> None:
    """Show each vault's keyring, the generations on it, and how many vault keys open it."""
    with directory(Settings.from_process()) as found:
        shown = [_shown(vault) for vault in found.vaults()]
    typer.echo(json.dumps(shown, indent=2) if as_json else "\n".join(map(_as_line, shown)))


def renew() -> None:
    """Wrap every key anew and destroy the generation before; what broke off is finished."""
    with directory(Settings.from_process()) as found:
        for vault in found.vaults():
            vault.renew(at_least_once=True)
            typer.echo(_as_line(_shown(vault)))


def rotate(
    *,
    finish: Annotated[
        bool, typer.Option("--finish", help="Of a key from outside: from now on, only COFFERDAM_VAULT_KEY opens.")
    ] = False,
) -> None:
    """Let a new vault key take the place of the one before, with everything running; run again, it finishes."""
    settings = Settings.from_process()
    with directory(settings) as found:
        if settings.vault_key is None:
            rotate_own(settings, list(found.vaults()))
        elif finish:
            _retire(found.vaults(), settings.vault_key)
        elif settings.next_vault_key is not None:
            for vault in found.vaults():
                vault.keyring().admit(settings.next_vault_key)
            typer.echo(
                "both keys open now: start every process with the new one as COFFERDAM_VAULT_KEY, then run, with the "
                "new one too: cofferdam vault rotate --finish"
            )
            return
        else:
            raise InvalidInput(
                "the vault key comes from outside: set COFFERDAM_NEXT_VAULT_KEY to the new one beside "
                "COFFERDAM_VAULT_KEY, such as openssl rand -hex 32 prints; then run the same again"
            )
    typer.echo("the vault key is rotated: the one before opens nothing any more")


def rotate_own(settings: Settings, vaults: Sequence[Vault]) -> None:
    """Rotate the vault key that the home keeps: each step is durable, and a rotation that broke off is finished.

    Raises `Unavailable` before anything has changed where a vault does not answer.
    """
    following = vault_key(settings.secrets, following=True)
    for vault in vaults:
        with reaching("a vault"):
            vault.keyring().admit(following)
    take_over(settings.secrets)
    _retire(vaults, following)


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


VERBS: Final[Mapping[str, Callable[..., None]]] = {"status": status, "renew": renew, "rotate": rotate}
"""What can be done to the keys of the vaults."""


def _retire(vaults: Iterable[Vault], key: bytes) -> None:
    for vault in vaults:
        with reaching("a vault"):
            vault.keyring().retire_others(key)
            vault.renew(at_least_once=True)


def _shown(vault: Vault) -> dict[str, object]:
    keyring = vault.keyring()
    ring = keyring.open()
    return {
        "keyring": str(keyring.file),
        "generations": sorted(ring.generations),
        "vault_keys": ring.holders,
        "to_rotate": ring.is_direct,
    }


def _as_line(shown: Mapping[str, object]) -> str:
    generations, keys = shown["generations"], shown["vault_keys"]
    line = f"{shown['keyring']}: generations {generations}, opened by {keys} vault key{'s' if keys != 1 else ''}"
    advice = "; this key wrapped keys by itself once, so that older copies open with it: cofferdam vault rotate"
    return f"{line}{advice if shown['to_rotate'] else ''}"
