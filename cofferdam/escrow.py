"""Escrow of an installation's keys in files of shares, and their recovery into the home."""

import os
from collections.abc import Iterable, Sequence
from pathlib import Path
from uuid import UUID

from cofferdam.runtime.secrets import pepper, restore_keys
from ledger.kernel.errors import InvalidInput, Unavailable
from ledger.kernel.settings import Settings
from ledger.vault.escrow import EscrowedKeys, read_shares, written_shares
from ledger.vault.key_holders.holder import holder_of
from ledger.vault.keyring import Keyring, Keyrings
from ledger.vault.vaults import keyrings_of


def write_escrow(settings: Settings, folder: Path, *, needed: int, count: int) -> list[Path]:
    """Write the keys as shares into files of a folder, each for its owner alone, and return their paths.

    Raises `InvalidInput` if the vault key does not open every keyring, or a file exists.
    """
    (vault_key, *_) = keyrings_of(settings).vault_keys()
    _require_opening(settings, vault_key)
    shares = written_shares(EscrowedKeys(vault_key, pepper(settings.secrets)), needed=needed, count=count)
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    paths = [folder / f"share-{number}-of-{count}.txt" for number in range(1, count + 1)]
    if standing := [path.name for path in paths if path.exists()]:
        raise InvalidInput(f"{folder} has {', '.join(standing)} already: name an empty folder")
    for path, share in zip(paths, shares, strict=True):
        _write(path, share)
    read_shares(path.read_text() for path in paths[-needed:])  # what was written gives the keys back
    return paths


def recover(settings: Settings, files: Sequence[Path]) -> int:
    """Write the keys that shares give into the home's file of secrets, and return the number of keyrings they open.

    Raises `InvalidInput` if they open no keyring, or the home's own key does already.
    """
    found = read_shares(_lines(files))
    opened = _require_opening(settings, found.vault_key)
    if not opened:
        raise InvalidInput(
            f"there is no keyring in {settings.keyrings}: restore the folder from its backup first, or set "
            "COFFERDAM_VAULT_KEYRING to it; keyrings and the vault's tables are one backup"
        )
    if settings.vault_key is not None:
        raise InvalidInput("COFFERDAM_VAULT_KEY is set, and stands before the home's own key: unset it, then recover")
    if any(_opened(settings, key) == opened for key in _own_keys(settings)):
        raise InvalidInput(f"the key in {settings.secrets} opens every keyring: there is nothing to recover")
    holder = holder_of(settings.key_holder)
    restore_keys(settings.secrets, vault_key=found.vault_key, pepper=found.pepper, holder=holder)
    return opened


def _own_keys(settings: Settings) -> Sequence[bytes]:
    """Return the keys of the home; none if they are lost, or their holder does not open them any more."""
    try:
        return keyrings_of(settings).vault_keys()
    except (InvalidInput, Unavailable):
        return ()


def _lines(files: Iterable[Path]) -> Iterable[str]:
    for file in files:
        try:
            yield from (line for line in file.read_text("utf-8").splitlines() if line.strip())
        except (OSError, UnicodeDecodeError) as fault:
            raise InvalidInput(f"{file} is not a file with a share: name the files that were handed out") from fault


def _require_opening(settings: Settings, vault_key: bytes) -> int:
    """Require that the vault key opens every keyring of the home, and return their number."""
    opened, files = _opened(settings, vault_key), len(_keyring_ids(settings))
    if opened < files:
        raise InvalidInput(
            f"this vault key opens {opened} of the {files} keyrings in {settings.keyrings}: it was rotated since, or "
            "is of another installation; take the newest shares"
        )
    return opened


def _opened(settings: Settings, vault_key: bytes) -> int:
    where = Keyrings(settings.keyrings, lambda: [vault_key])
    return sum(Keyring(where, keyring_id).is_open_to_us() for keyring_id in _keyring_ids(settings))


def _keyring_ids(settings: Settings) -> list[UUID]:
    return [UUID(path.stem) for path in sorted(settings.keyrings.glob("*.json"))]


def _write(path: Path, share: str) -> None:
    opened = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with open(opened, "w") as file:  # noqa: PTH123  # a descriptor
        file.write(share + "\n")
        file.flush()
        os.fsync(file.fileno())
