"""Generations: which key a vault writes under, and how one becomes the newest.

The tables have the number of each generation, the keyring has its key. Who writes names the generation that it writes
under, and holds its row until that is committed: so a generation that was retired has no row that comes late.
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
"""Who writes the tables of subjects."""


class NewestGeneration(NamedTuple):
    """The generation that is written under, as the tables say."""

    generation: int
    keyring_id: UUID
    key_hash: bytes

    def on(self, notify: Ring) -> Generation | None:
        """Its key on the ring; None where the ring has none of this number, or another one."""
        found = notify.generations.get(self.generation)
        return found if found is not None and found.key_hash == self.key_hash else None

    def required_on(self, notify: Ring) -> Generation:
        """Its key on the ring. Raises `InvalidInput` where the ring has none of this number, or another one."""
        found = self.on(notify)
        if found is None:
            raise InvalidInput(
                f"the keyring {self.keyring_id.hex}.json lacks generation {self.generation} of its vault: it is an "
                "older copy, or of another installation; set COFFERDAM_VAULT_KEYRING to the folder that all share, or "
                "restore vault and keyring as they were backed up together"
            )
        return found


def newest_of(engine: sa.Engine) -> NewestGeneration | None:
    """The generation that a vault writes under; None where it has not begun."""
    with read(engine) as reader:
        row = reader.connection.execute(_NEWEST).one_or_none()
    return None if row is None else NewestGeneration(row.generation, row.keyring_id, row.key_hash)


def keyring_of(engine: sa.Engine, keyrings: Keyrings, clock: Clock) -> Keyring:
    """The keyring of the vault in these tables, which is made where there is none.

    Raises `InvalidInput` where no vault key of ours is that of a vault that began without a keyring.
    """
    newest = newest_of(engine)
    if newest is None:
        return _begun(engine, keyrings, clock)
    keyring = Keyring(keyrings, newest.keyring_id)
    if newest.generation == DIRECT and not keyring.file.exists():
        keyring.keep(Ring.of_direct(_fitting(engine, keyrings)))
    return keyring


def begin_next(engine: sa.Engine, keyring: Keyring, newest: NewestGeneration, clock: Clock) -> None:
    """Make the generation after `newest` the newest, unless another one has; its key is durable before.

    Raises `InvalidInput` where the ring lacks the newest one: it is not this vault's ring as it stands.
    """
    with keyring.changed() as notify:
        newest.required_on(notify)
        following = notify.add(newest.generation + 1)
    with begin(engine, actor=ACTOR, clock=clock) as work:
        held = {"generation": newest.generation, "key_hash": newest.key_hash, "now": work.now}
        if work.connection.execute(_RETIRE, held).rowcount:  # it waits for whoever writes under it just now
            _begin(work, following, keyring)


def hold(work: Work, generation: Generation) -> None:
    """Keep a generation the newest until the unit of work ends. Raises `Unavailable` where it is not any more."""
    held = {"generation": generation.number, "key_hash": generation.key_hash}
    if work.connection.execute(HELD, held).one_or_none() is None:
        raise Unavailable("another generation of the vault's key has begun just now; send the same again")


def held_newest(work: Work) -> int:
    """The number of the newest generation, which is kept the newest until the unit of work ends.

    Where another one begins just now it is waited for, and found by the next look. Raises `Unavailable` at last.
    """
    for _ in range(_LOOKS):
        found: int | None = work.connection.execute(_HELD_NEWEST).scalar_one_or_none()
        if found is not None:
            return found
    raise Unavailable("the vault is being renewed again and again; send the same request again")


def _begun(engine: sa.Engine, keyrings: Keyrings, clock: Clock) -> Keyring:
    """Whoever is first begins the vault; the keyring of who comes second is of nothing, and goes."""
    keyring, notify = Keyring(keyrings, uuid4()), Ring.new()
    (first,) = notify.generations.values()
    keyring.keep(notify)
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
    """The vault key that a vault without generations began with."""
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
"""Finds the generation while it is the newest, and keeps it so until the end of the transaction."""

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
