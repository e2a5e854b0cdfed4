"""Show, renew or rotate the keys of the vaults."""

from collections.abc import Callable, Mapping
from typing import Annotated, Final

import typer

from cofferdam.output import AsJson, answer
from cofferdam.rotation import retire_others, rotate_own
from cofferdam.session import Session, session
from ledger.kernel.errors import InvalidInput
from ledger.vault.vault import Vault

_BOTH_OPEN: Final = (
    "both keys open the vaults now: start every process with the new one as COFFERDAM_VAULT_KEY, then run, also with "
    "the new one: cofferdam vault rotate --finish"
)
_FROM_OUTSIDE: Final = (
    "the vault key comes from outside: set COFFERDAM_NEXT_VAULT_KEY to a new one beside COFFERDAM_VAULT_KEY, such as "
    "from openssl rand -hex 32; then run the same command again"
)


def status(*, as_json: AsJson = False) -> None:
    """Show each vault's keyring, its generations, and the number of vault keys that open it."""
    with session() as home:
        shown = [_shown(vault) for vault in home.directory.vaults()]
    answer(shown, "\n".join(map(_as_line, shown)), as_json=as_json)


def renew(*, as_json: AsJson = False) -> None:
    """Wrap every key anew and destroy the previous generation; an interrupted renewal is finished."""
    with session() as home:
        for vault in home.directory.vaults():
            vault.renew(at_least_once=True)
        shown = [_shown(vault) for vault in home.directory.vaults()]
    answer(shown, "\n".join(map(_as_line, shown)), as_json=as_json)


def rotate(
    *,
    finish: Annotated[
        bool,
        typer.Option(
            "--finish", help="For a key from outside: from now on, only COFFERDAM_VAULT_KEY opens the vaults."
        ),
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Replace the vault key while everything runs; a second run finishes an interrupted rotation."""
    with session() as home:
        is_done = _rotate(home, finish=finish)
    said = "the vault key is rotated: the previous one opens nothing any more" if is_done else _BOTH_OPEN
    answer({"rotated": is_done, "next": None if is_done else _BOTH_OPEN}, said, as_json=as_json)


VERBS: Final[Mapping[str, Callable[..., None]]] = {"status": status, "renew": renew, "rotate": rotate}


def _rotate(home: Session, *, finish: bool) -> bool:
    """Rotate the key; returns False while both keys open the vaults, until the new one is set everywhere."""
    vaults, settings = list(home.directory.vaults()), home.settings
    if settings.vault_key is None:
        rotate_own(settings, vaults)
    elif finish:
        retire_others(vaults, settings.vault_key)
    elif settings.next_vault_key is None:
        raise InvalidInput(_FROM_OUTSIDE)
    else:
        for vault in vaults:
            vault.keyring().admit(settings.next_vault_key)
        return False
    return True


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
    advice = "; this key once wrapped keys directly, so it opens older copies: run cofferdam vault rotate"
    return f"{line}{advice if shown['to_rotate'] else ''}"
