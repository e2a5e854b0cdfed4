"""The secrets of a home, in a file for its owner alone: the vault key, the pepper, and those of other modules."""

import fcntl
import re
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from ledger.kernel.errors import InvalidSettings
from ledger.kernel.secret_files import destroy_rests, read_secrets, write_secrets
from ledger.vault.key_holders.holder import WRAPPED, KeyHolder, opened_key

_KEY: Final = re.compile("[0-9a-f]{64}")


def pepper(path: Path) -> bytes:
    """Return the installation's pepper, 32 random bytes that key the hashes of API keys; the first call creates it."""
    return _kept_key(path, "pepper")


def vault_key(path: Path, *, holder: KeyHolder | None = None, following: bool = False) -> bytes:
    """Return the installation's vault key, which opens its keyrings; the first call creates it.

    With a key holder it is stored wrapped; a key that is there in clear stays so until it is rotated. Without the key,
    every personal value is lost. `following` returns the next key, the same one until `take_over`.
    """
    return _kept_key(path, "next_vault_key" if following else "vault_key", holder)


def restore_keys(path: Path, *, vault_key: bytes, pepper: bytes, holder: KeyHolder | None) -> None:
    """Store a vault key and a pepper in place of those that are there."""
    name, text = ("vault_key", vault_key.hex()) if holder is None else (_wrapped("vault_key"), holder.wrap(vault_key))
    with _turn(path):
        kept = read_secrets(path)
        for form in ("vault_key", "next_vault_key"):
            kept.pop(form, None)
            kept.pop(_wrapped(form), None)
        write_secrets(path, {**kept, name: text, "pepper": pepper.hex()})


def keep_secret(path: Path, name: str, value: str) -> None:
    """Store one secret beside the others, in a file that only its owner may read."""
    with _turn(path):
        write_secrets(path, {**read_secrets(path), name: value})


def take_over(path: Path) -> None:
    """Replace the vault key by the next one; the old key is overwritten."""
    with _turn(path):
        kept = read_secrets(path)
        following = {name: kept.pop(name) for name in ("next_vault_key", _wrapped("next_vault_key")) if name in kept}
        assert len(following) == 1, "a next key was made"
        for name in ("vault_key", _wrapped("vault_key")):
            kept.pop(name, None)
        write_secrets(path, {**kept, **{name.replace("next_", ""): text for name, text in following.items()}})


def _wrapped(name: str) -> str:
    return f"{WRAPPED}{name}"


def _kept_key(path: Path, name: str, holder: KeyHolder | None = None) -> bytes:
    """Return the 32 random bytes that are stored under a name; the first call creates them."""
    with _turn(path):
        destroy_rests(path)
        kept = read_secrets(path)
        if name not in kept and _wrapped(name) not in kept:
            if holder is None:
                kept[name] = secrets.token_hex(32)
            else:
                kept[_wrapped(name)] = holder.wrap(secrets.token_bytes(32))
            write_secrets(path, kept)
    if name not in kept:
        return opened_key(kept[_wrapped(name)], holder)
    if _KEY.fullmatch(kept[name]) is None:
        raise InvalidSettings(f"{path}: {name} is not a key of 64 hex digits; restore the file from its backup")
    return bytes.fromhex(kept[name])


@contextmanager
def _turn(path: Path) -> Iterator[None]:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.with_suffix(".lock").open("a") as turn:
        fcntl.flock(turn, fcntl.LOCK_EX)
        yield
