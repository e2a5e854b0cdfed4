"""The keyring: the file with a vault's own keys, stored outside its tables, and opened by the vault key.

    {"holders": the ring's key, wrapped under each vault key, "content": the keys of the vault, under the ring's key}

A vault key is a *holder*. During a rotation there are two, and either opens the ring. A key that is removed from the
ring is overwritten in its file: values wrapped under it are unreadable from then on, including all copies.
"""

import fcntl
import json
import secrets
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, NamedTuple
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESSIV

from ledger.kernel.errors import InvalidInput
from ledger.kernel.secret_files import destroy_rests, read_secrets, write_secrets
from ledger.vault.keys import DIRECT, KEY_BYTES, Generation, NamingKey, derived_key

_NAMING: Final = b"cofferdam name"
_DERIVING: Final = b"cofferdam id"


class Keyrings(NamedTuple):
    """The folder with the keyring of each vault, and a function that reads the vault keys, newest first."""

    folder: Path
    vault_keys: Callable[[], Sequence[bytes]]


@dataclass(slots=True)
class Ring:
    """An open keyring: the keys of generations by number, and the keys for hashing names and deriving ids.

    If `is_direct`, a current vault key is itself the key of generation 0: only its rotation destroys it. `holders` is
    the number of vault keys that open the ring.
    """

    naming: bytes
    deriving: bytes
    generations: dict[int, Generation]
    is_direct: bool = False
    holders: int = 1
    names: NamingKey = field(init=False, repr=False)

    def __post_init__(self) -> None:
        """Prepare the hashing key."""
        self.names = NamingKey(self.naming, self.deriving)

    @classmethod
    def new(cls) -> "Ring":
        """Make the ring of a new vault, with generation 1."""
        made = cls(secrets.token_bytes(KEY_BYTES), secrets.token_bytes(KEY_BYTES), {})
        made.add(1)
        return made

    @classmethod
    def of_direct(cls, vault_key: bytes) -> "Ring":
        """Make the ring of a vault that began without one; hashes and ids stay the same."""
        hashing = (derived_key(vault_key, _NAMING), derived_key(vault_key, _DERIVING))
        return cls(*hashing, {DIRECT: Generation(DIRECT, vault_key)}, is_direct=True)

    def add(self, number: int) -> Generation:
        """Add a new generation to the ring, unless it has one of this number."""
        return self.generations.setdefault(number, Generation(number, secrets.token_bytes(KEY_BYTES)))


class Keyring(NamedTuple):
    """The keyring of one vault: a file that any process reads, and one writer at a time replaces."""

    where: Keyrings
    keyring_id: UUID

    @property
    def file(self) -> Path:
        """The path of the file."""
        return self.where.folder / f"{self.keyring_id.hex}.json"

    def keep(self, contents: Ring) -> None:
        """Write the first ring, unless there is one."""
        with self._locked("writing"):
            if not self.file.exists():
                self._write(contents, secrets.token_bytes(KEY_BYTES), self.where.vault_keys())

    def open(self) -> Ring:
        """Open the ring. Raises `InvalidInput` if the file is missing, or no vault key of ours opens it."""
        with suppress(InvalidInput):
            return self._opened(self.where.vault_keys())[0]
        return self._opened(self.where.vault_keys())[0]  # a rotation may have ended between the two reads

    def is_open_to_us(self) -> bool:
        """Return whether one of our vault keys opens the ring."""
        try:
            self.open()
        except InvalidInput:
            return False
        return True

    @contextmanager
    def changed(self) -> Iterator[Ring]:
        """Open the ring for changes of its generations, written durably when the block ends. The holders stay."""
        with self._locked("writing"):
            contents, ring_key, holders = self._opened(self.where.vault_keys())
            before = set(contents.generations)
            yield contents
            if set(contents.generations) != before:
                self._write(contents, ring_key, holders)

    def admit(self, vault_key: bytes) -> None:
        """Let a second vault key open the ring, in addition to the first."""
        with self._locked("writing"):
            contents, ring_key, holders = self._opened(self.where.vault_keys())
            if all(self._unwrapped(vault_key, holder) is None for holder in holders):
                self._write(contents, ring_key, [*holders, vault_key])

    def retire_others(self, vault_key: bytes) -> int:
        """Let only this vault key open the ring, under a new ring key, and return the number of retired holders.

        Raises `InvalidInput` if the key is not a holder.
        """
        with self._locked("writing"):
            contents, _, holders = self._opened([vault_key])
            contents.is_direct = contents.naming == derived_key(vault_key, _NAMING)
            self._write(contents, secrets.token_bytes(KEY_BYTES), [vault_key])
        return len(holders) - 1

    @contextmanager
    def renewing(self) -> Iterator[None]:
        """Lock the vault's renewal while the block runs; other processes wait."""
        with self._locked("renewal"):
            yield

    @contextmanager
    def _locked(self, what: str) -> Iterator[None]:
        self.where.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with self.file.with_suffix(f".{what}.lock").open("a") as turn:
            fcntl.flock(turn, fcntl.LOCK_EX)
            if what == "writing":
                destroy_rests(self.file)
            yield

    def _opened(self, vault_keys: Sequence[bytes]) -> tuple[Ring, bytes, list[str]]:
        """Read the ring, its key, and its holders from the file."""
        stored = read_secrets(self.file)
        if not stored:
            raise InvalidInput(
                f"the keyring {self.file.name} of this vault is not in {self.where.folder}: restore it from the backup "
                "that was made with the vault, or set COFFERDAM_VAULT_KEYRING to the folder of the installation that "
                "began the vault"
            )
        holders = stored["holders"].split()
        for vault_key in vault_keys:
            for holder in holders:
                if ring_key := self._unwrapped(vault_key, holder):
                    contents = self._read(ring_key, stored["content"])
                    contents.holders = len(holders)
                    return contents, ring_key, holders
        raise InvalidInput(
            "the vault was begun with another vault key: restore the secrets file of its home, or set "
            "COFFERDAM_VAULT_KEY to the key that it was begun with or last rotated to"
        )

    def _read(self, ring_key: bytes, content: str) -> Ring:
        cipher = AESSIV(derived_key(ring_key, b"cofferdam ring", 64))
        kept: dict[str, str] = json.loads(cipher.decrypt(bytes.fromhex(content), [self.keyring_id.bytes]))
        naming, deriving, is_direct = kept.pop("naming"), kept.pop("deriving"), kept.pop("direct", None) is not None
        generations = {int(name): Generation(int(name), bytes.fromhex(key)) for name, key in kept.items()}
        return Ring(bytes.fromhex(naming), bytes.fromhex(deriving), generations, is_direct)

    def _write(self, contents: Ring, ring_key: bytes, holders: Sequence[str | bytes]) -> None:
        """Write the file for its holders: those given as text are wrapped already, those given as keys are new."""
        content = {"naming": contents.naming.hex(), "deriving": contents.deriving.hex()}
        content |= {str(number): each.key.hex() for number, each in sorted(contents.generations.items())}
        content |= {"direct": ""} if contents.is_direct else {}
        cipher = AESSIV(derived_key(ring_key, b"cofferdam ring", 64))
        shut = cipher.encrypt(json.dumps(content).encode(), [self.keyring_id.bytes]).hex()
        wrapped = [each if isinstance(each, str) else self._wrapped(each, ring_key) for each in holders]
        write_secrets(self.file, {"holders": " ".join(wrapped), "content": shut})

    def _wrapped(self, vault_key: bytes, ring_key: bytes) -> str:
        return _holder(vault_key).encrypt(ring_key, [self.keyring_id.bytes]).hex()

    def _unwrapped(self, vault_key: bytes, holder: str) -> bytes | None:
        try:
            return _holder(vault_key).decrypt(bytes.fromhex(holder), [self.keyring_id.bytes])
        except InvalidTag:
            return None


def _holder(vault_key: bytes) -> AESSIV:
    return AESSIV(derived_key(vault_key, b"cofferdam holder", 64))
