"""Generations of a vault's key: the newest one, under which the vault writes, and how the next one begins.

The tables store the number of each generation, the keyring its key. A writer names the generation that it writes under,
and locks its row until the commit: so no row is added under a generation after it was retired.
"""

from typing import Final, NamedTuple
from uuid import UUID, uuid4

import sqlalchemy as sa

from ledger.kernel.clock import Clock
from ledger.kernel.errors import InvalidInput, Unavailable
from ledger.kernel.secret_files import destroy_secrets
from ledger.kernel.work import Work, begin, read
from ledger.vault.keyring import Keyring, Keyrings, Ring
from ledger.vault.keys import DIRECT, Generation

ACTOR: Final = "vault"
"""The actor that writes the tables of subjects."""


class NewestGeneration(NamedTuple):
    """The generation that the vault writes under, according to the tables."""

    generation: int
    keyring_id: UUID
    key_hash: bytes

    def on(self, contents: Ring) -> Generation | None:
        """Return its key on the ring, or None if the ring has none of this number, or a different one."""
        found = contents.generations.get(self.generation)
        return found if found is not None and found.key_hash == self.key_hash else None

    def required_on(self, contents: Ring) -> Generation:
        """Return its key on the ring. Raises `InvalidInput` if the ring has none of this number, or a different one."""
        found = self.on(contents)
        if found is None:
            raise InvalidInput(
                f"the keyring {self.keyring_id.hex}.json lacks generation {self.generation} of its vault: it is an "
                "older copy, or of another installation; set COFFERDAM_VAULT_KEYRING to the folder that all share, or "
                "restore vault and keyring as they were backed up together"
            )
        return found


def newest_of(engine: sa.Engine) -> NewestGeneration | None:
    """Return the generation that a vault writes under, or None if the vault is new."""
    with read(engine) as reader:
        row = reader.connection.execute(_NEWEST).one_or_none()
    return None if row is None else NewestGeneration(row.generation, row.keyring_id, row.key_hash)


def keyring_of(engine: sa.Engine, keyrings: Keyrings, clock: Clock) -> Keyring:
    """Return the keyring of the vault in these tables; a new vault gets one.

    Raises `InvalidInput` if a vault began without a keyring, and none of our vault keys fits.
    """
    newest = newest_of(engine)
    if newest is None:
        return _begun(engine, keyrings, clock)
    keyring = Keyring(keyrings, newest.keyring_id)
    if newest.generation == DIRECT and not keyring.file.exists():
        keyring.keep(Ring.of_direct(_fitting(engine, keyrings)))
    return keyring


def begin_next(engine: sa.Engine, keyring: Keyring, newest: NewestGeneration, clock: Clock) -> None:
    """Make the generation after `newest` the newest, unless another process has; its key is stored durably first.

    Raises `InvalidInput` if the ring lacks the newest one, so that it is not this vault's current ring.
    """
    with keyring.changed() as contents:
        newest.required_on(contents)
        following = contents.add(newest.generation + 1)
    with begin(engine, actor=ACTOR, clock=clock) as work:
        held = {"generation": newest.generation, "key_hash": newest.key_hash, "now": work.now}
        if work.connection.execute(_RETIRE, held).rowcount:  # waits for transactions that are writing under it
            _begin(work, following, keyring)


def hold(work: Work, generation: Generation) -> None:
    """Lock a generation as the newest until the unit of work ends. Raises `Unavailable` if it no longer is."""
    held = {"generation": generation.number, "key_hash": generation.key_hash}
    if work.connection.execute(HELD, held).one_or_none() is None:
        raise Unavailable("another generation of the vault's key has begun just now; send the same again")


def held_newest(work: Work) -> int:
    """Lock the newest generation until the unit of work ends, and return its number.

    If another one is just beginning, waits for it and reads again. Raises `Unavailable` after several attempts.
    """
    for _ in range(_LOOKS):
        found: int | None = work.connection.execute(_HELD_NEWEST).scalar_one_or_none()
        if found is not None:
            return found
    raise Unavailable("the vault is being renewed again and again; send the same request again")


def _begun(engine: sa.Engine, keyrings: Keyrings, clock: Clock) -> Keyring:
    """Begin the vault, unless another process is first; then the keyring made here is deleted."""
    keyring, contents = Keyring(keyrings, uuid4()), Ring.new()
    (first,) = contents.generations.values()
    keyring.keep(contents)
    with begin(engine, actor=ACTOR, clock=clock) as work:
        _begin(work, first, keyring)
    newest = newest_of(engine)
    assert newest is not None, "a generation was begun just now"
    if newest.keyring_id != keyring.keyring_id:
        destroy_secrets(keyring.file)
    return Keyring(keyrings, newest.keyring_id)


def _begin(work: Work, generation: Generation, keyring: Keyring) -> None:
    named = {"generation": generation.number, "key_hash": generation.key_hash, "now": work.now}
    work.connection.execute(_BEGIN, named | {"id": keyring.keyring_id})


def _fitting(engine: sa.Engine, keyrings: Keyrings) -> bytes:
    """Return the vault key of a vault that began without generations."""
    with read(engine) as reader:
        row = reader.connection.execute(_ANY_KEY).one()
    for key in keyrings.vault_keys():
        if Generation(DIRECT, key).unwrapped(row.book_id, row.subject_id, row.wrapped_key) is not None:
            return key
    raise InvalidInput(
        "the vault was begun with another vault key: restore the secrets file of its home, or set "
        "COFFERDAM_VAULT_KEY to the key that it was begun with"
    )


HELD: Final = sa.text("""
    SELECT generation FROM key_generations
    WHERE generation = :generation AND key_hash = :key_hash AND retired_at IS NULL FOR SHARE
""")
"""Selects the generation if it is the newest, and locks it until the end of the transaction."""

_LOOKS: Final = 5
_HELD_NEWEST: Final = sa.text("SELECT generation FROM key_generations WHERE retired_at IS NULL FOR SHARE")
_NEWEST: Final = sa.text("SELECT generation, keyring_id, key_hash FROM key_generations WHERE retired_at IS NULL")
_BEGIN: Final = sa.text("""
    INSERT INTO key_generations (book_id, generation, keyring_id, key_hash, begun_at)
    VALUES (0, :generation, :id, :key_hash, :now)
    ON CONFLICT DO NOTHING
""")
_RETIRE: Final = sa.text("""
    UPDATE key_generations SET retired_at = :now
    WHERE generation = :generation AND key_hash = :key_hash AND retired_at IS NULL
""")
_ANY_KEY: Final = sa.text("""
    SELECT book_id, subject_id, wrapped_key FROM subject_keys WHERE wrapped_key IS NOT NULL ORDER BY 1, 2 LIMIT 1
""")
