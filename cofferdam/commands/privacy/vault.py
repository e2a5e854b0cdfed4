"""Show, renew, rotate, escrow or recover the keys of the vaults."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Annotated, Final

import typer

from cofferdam.escrow import recover, write_escrow
from cofferdam.output import AsJson, answer
from cofferdam.rotation import retire_others, rotate_own
from cofferdam.session import Session, session
from ledger.kernel.errors import InvalidInput
from ledger.kernel.settings import Settings
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
    said = (
        "the vault key is rotated: the previous one, and shares of it, open nothing any more; make new shares"
        if is_done
        else _BOTH_OPEN
    )
    answer({"rotated": is_done, "next": None if is_done else _BOTH_OPEN}, said, as_json=as_json)


def escrow(
    folder: Annotated[Path, typer.Argument(help="The folder for the files, one for each share.")],
    *,
    shares: Annotated[int, typer.Option(help="How many shares to make: one for each person.")] = 5,
    needed: Annotated[int, typer.Option(help="How many of them give the keys back.")] = 3,
    as_json: AsJson = False,
) -> None:
    """Write the vault key and the pepper as shares, for people who keep them apart: fewer than needed tell nothing."""
    files = [str(path) for path in write_escrow(Settings.from_process(), folder, needed=needed, count=shares)]
    said = f"{needed} of these give the keys back; hand them out, then delete them here:"
    answer({"needed": needed, "files": files}, "\n".join([said, *files]), as_json=as_json)


def recover_keys(
    files: Annotated[list[Path], typer.Argument(help="The files of enough shares.")], *, as_json: AsJson = False
) -> None:
    """Write the vault key and the pepper that shares give into the home, after its file of secrets was lost."""
    settings = Settings.from_process()
    opened = recover(settings, files)
    said = f"recovered into {settings.secrets}: the key opens {opened} keyring{'s' if opened != 1 else ''}"
    answer({"secrets": str(settings.secrets), "keyrings": opened}, said, as_json=as_json)


VERBS: Final[Mapping[str, Callable[..., None]]] = {
    "status": status,
    "renew": renew,
    "rotate": rotate,
    "escrow": escrow,
    "recover": recover_keys,
}


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
