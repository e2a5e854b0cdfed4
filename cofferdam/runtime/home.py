"""The home: one running installation per folder, its addresses, and its secrets."""

import fcntl
import json
import os
import re
import secrets
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final, Self

from cofferdam.runtime.holder import held, holder
from ledger.kernel.errors import InvalidSettings, Unavailable
from ledger.kernel.secret_files import destroy_rests, read_secrets, write_secrets

_KEY: Final = re.compile("[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class Running:
    """A running `cofferdam up`: its process id, and the addresses of its parts by their names."""

    pid: int
    addresses: Mapping[str, str]

    @classmethod
    def here(cls, addresses: Mapping[str, str]) -> Self:
        """Describe this process, with the addresses of its parts."""
        return cls(os.getpid(), addresses)


@contextmanager
def sole(home: Path) -> Iterator[None]:
    """Ensure that this is the only `up` of a home. Raises `Unavailable`, which names the running one."""
    home.mkdir(parents=True, exist_ok=True, mode=0o700)
    with held(home) as is_ours:
        if not is_ours:
            raise Unavailable(f"cofferdam already runs on {home}{_whereabouts(home)}")
        _run_file(home).unlink(missing_ok=True)
        try:
            yield
        finally:
            _run_file(home).unlink(missing_ok=True)


def note_running(home: Path, running: Running) -> None:
    """Record the running `up`, for `doctor` and for a second `up`."""
    _replace(_run_file(home), json.dumps(asdict(running), indent=2), mode=0o600)


def noted_running(home: Path) -> Running | None:
    """Return the running `up`, or None if none is recorded or the recorded one was killed.

    The lock decides: the system releases it when a process dies, while process ids are reused. A record with another
    process id than the lock's is left from a killed `up`; the next one removes it.
    """
    number = holder(home)
    try:
        noted = Running(**json.loads(_run_file(home).read_text()))
    except (FileNotFoundError, ValueError, TypeError):
        return None
    return noted if noted.pid == number else None


def pepper(path: Path) -> bytes:
    """Return the installation's pepper, 32 random bytes that key the hashes of API keys; the first call creates it."""
    return _kept_key(path, "pepper")


def vault_key(path: Path, *, following: bool = False) -> bytes:
    """Return the installation's vault key, which opens its keyrings; the first call creates it.

    Without it every personal value is lost. `following` returns the next key, the same one until `take_over`.
    """
    return _kept_key(path, "next_vault_key" if following else "vault_key")


def keep_secret(path: Path, name: str, value: str) -> None:
    """Store one secret beside the others, in a file that only its owner may read."""
    with _turn(path):
        write_secrets(path, {**read_secrets(path), name: value})


def take_over(path: Path) -> None:
    """Replace the vault key by the next one; the old key is overwritten."""
    with _turn(path):
        kept = read_secrets(path)
        kept["vault_key"] = kept.pop("next_vault_key")
        write_secrets(path, kept)


def _kept_key(path: Path, name: str) -> bytes:
    """Return the 32 random bytes that are stored under a name; the first call creates them."""
    with _turn(path):
        destroy_rests(path)
        kept = read_secrets(path)
        if name not in kept:
            kept[name] = secrets.token_hex(32)
            write_secrets(path, kept)
    if _KEY.fullmatch(kept[name]) is None:
        raise InvalidSettings(f"{path}: {name} is not a key of 64 hex digits; restore the file from its backup")
    return bytes.fromhex(kept[name])


@contextmanager
def _turn(path: Path) -> Iterator[None]:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.with_suffix(".lock").open("a") as turn:
        fcntl.flock(turn, fcntl.LOCK_EX)
        yield


def _whereabouts(home: Path) -> str:
    running = noted_running(home)
    if running is None:
        return " (it is starting)"
    addresses = ", ".join(f"{name} {address}" for name, address in running.addresses.items())
    return f": process {running.pid}, {addresses}; end it with Ctrl-C there, or with cofferdam down"


def _run_file(home: Path) -> Path:
    return home / "run.json"


def _replace(path: Path, text: str, *, mode: int) -> None:
    """Write a file whole or not at all."""
    draft = path.with_name(f"{path.name}.{os.getpid()}.draft")
    draft.unlink(missing_ok=True)
    with open(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "w") as file:  # noqa: PTH123  # a descriptor
        file.write(text + "\n")
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)
