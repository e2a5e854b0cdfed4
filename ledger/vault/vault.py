"""The vault: seals personal values under their subjects' keys, opens them again, and forgets subjects for good."""

import secrets
from collections.abc import Collection, Iterable, Mapping, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from functools import partial
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa
from cryptography.hazmat.primitives.ciphers.aead import AESSIV

from ledger.kernel.clock import Clock, system_clock
from ledger.kernel.errors import InvalidInput, Unavailable
from ledger.kernel.ids import BookId, new_id
from ledger.kernel.waiting import blocking
from ledger.kernel.work import begin, read
from ledger.vault.errors import SubjectForgotten
from ledger.vault.generations import ACTOR, HELD, NewestGeneration, held_newest, keyring_of
from ledger.vault.keyring import Keyring, Keyrings, Ring
from ledger.vault.keys import KEY_BYTES, Generation
from ledger.vault.records import SubjectId
from ledger.vault.renewal import renew
from ledger.vault.sealing import PersonalValue, opened, sealed, subject_of

KEPT_SECONDS: Final = 60
"""The time for which a process may still use a key that another one has destroyed."""

_KEPT_MAX: Final = 100_000
_ATTEMPTS: Final = 5


class BrokenKey(Exception):
    """A stored wrapped key was not written by any vault: nothing is opened with it, and `verify` reports it."""


class Vault:
    """The keys of the subjects of a server's books, protected by the installation's vault key.

    Threads may share it, and code on an event loop, which goes on while the store is asked.
    """

    def __init__(self, engine: sa.Engine, keyrings: Keyrings, *, clock: Clock = system_clock) -> None:
        """Use an engine of its own: a request that holds a connection of the ledger must not wait here for another."""
        self._engine, self._keyrings, self._clock = engine, keyrings, clock
        self._keyring: Keyring | None = None
        self._memory = _Memory(clock())

    def seal(self, book_id: BookId, values: Sequence[PersonalValue]) -> list[str]:
        """Return the sealed text of each value, in order; a new value becomes a subject, durably.

        Needs no statement if the process knows all of the subjects, one if the vault does, three otherwise. Raises
        `SubjectForgotten` for a named subject that was forgotten.
        """
        if not values:
            return []
        hashing = self._ring().names
        names = [value.subject_id or hashing.token(book_id, value) for value in values]
        keys = self._found_or_made(book_id, set(names))
        texts = []
        for name, value in zip(names, values, strict=True):
            subject_id, key = keys[name]
            if key is None:
                raise SubjectForgotten("this customer was forgotten; its personal data can no longer be stored")
            texts.append(sealed(subject_id, key, value))
        return texts

    def find(self, book_id: BookId, value: PersonalValue) -> str | None:
        """Return the sealed text to search for, or None if the value was never sealed, so that nothing contains it."""
        return self.find_each(book_id, [value])[0]

    def find_remembered(self, book_id: BookId, value: PersonalValue) -> str | None:
        """Return the sealed text to search for if this process knows it without asking the store, or else None."""
        memory = self._remembered()
        if memory.contents is None:
            return None
        found = memory.keys.get(book_id, {}).get(memory.contents.names.token(book_id, value))
        return _sealed_text(found, value)

    def find_each(self, book_id: BookId, values: Sequence[PersonalValue]) -> list[str | None]:
        """Find many values, in order, with at most one statement."""
        if not values:
            return []
        hashing = self._ring().names
        tokens = [hashing.token(book_id, value) for value in values]
        found = self._found(book_id, set(tokens))[0]
        return [_sealed_text(found.get(token), value) for token, value in zip(tokens, values, strict=True)]

    def find_anew(self, book_id: BookId, values: Sequence[PersonalValue]) -> list[str | None]:
        """Find many values, in order, with one statement, whatever this process remembers of them."""
        hashing = self._ring().names
        tokens = [hashing.token(book_id, value) for value in values]
        found, _ = blocking(lambda: self._looked_up(book_id, set(tokens)))
        self._remembered().keys.setdefault(book_id, {}).update(found)
        return [_sealed_text(found.get(token), value) for token, value in zip(tokens, values, strict=True)]

    def subject_of(self, book_id: BookId, value: PersonalValue) -> SubjectId | None:
        """Return the subject that a clear value names, or None."""
        token = self._ring().names.token(book_id, value)
        found = self._found(book_id, {token})[0].get(token)
        return None if found is None else found[0]

    def open_sealed(self, book_id: BookId, values: Sequence[PersonalValue]) -> list[str | None]:
        """Open each sealed text, in order; None if its subject was forgotten, or it belongs to another partner."""
        subjects = [subject_of(value.text) for value in values]
        known = self._found(book_id, {each for each in subjects if each is not None})[0]
        keys = [None if each is None else known.get(each, (each, None))[1] for each in subjects]
        return [None if key is None else opened(key, value) for key, value in zip(keys, values, strict=True)]

    def forget(self, book_id: BookId, subject_ids: Collection[SubjectId]) -> list[SubjectId]:
        """Destroy the keys and names of subjects, and return those that had a key. A repeated call changes nothing."""
        self.keyring()  # so that there is a generation
        asked = {"book": book_id, "ids": list(subject_ids)}
        with begin(self._engine, actor=ACTOR, clock=self._clock) as work:
            said = {**asked, "now": work.now, "generation": held_newest(work)}
            gone: Sequence[SubjectId] = work.connection.execute(_DESTROY, said).scalars().all()
            work.connection.execute(_UNNAME, asked)
        self._forget_all()
        return list(gone)

    def renew(self, *, at_least_once: bool = False) -> bool:
        """Make all rows and copies about forgotten subjects unreadable, by wrapping all others under a new key.

        Returns whether it was needed; an interrupted renewal is completed. The time grows with the number of subjects.
        """
        done = renew(self._engine, self._keyrings, self._clock, at_least_once=at_least_once)
        self._forget_all()
        return done

    def keyring(self) -> Keyring:
        """Return the vault's keyring; a new vault gets one."""
        if self._keyring is None:
            self._keyring = blocking(lambda: keyring_of(self._engine, self._keyrings, self._clock))
        return self._keyring

    def standing(self, book_id: BookId, subject_ids: Collection[SubjectId]) -> list[SubjectId]:
        """Return those of the subjects that have a key."""
        with read(self._engine) as reader:
            asked = {"book": book_id, "ids": list(subject_ids)}
            found: Sequence[SubjectId] = reader.connection.execute(_STANDING, asked).scalars().all()
        return list(found)

    def faults(self, book_id: BookId, values: Sequence[PersonalValue]) -> list[str | None]:
        """Return the reason why each sealed text cannot be opened, or found by its value; None if there is none.

        A value whose subject is given has no name to be found by. The cache is not used, and nothing is created.
        """
        self._forget_all()
        hashing = self._ring().names
        with suppress(BrokenKey):  # each value with a changed key is reported below
            self._found(book_id, {each for value in values if (each := subject_of(value.text)) is not None})
        looked = [self._unsealed(book_id, value) for value in values]
        tokens = [
            None if text is None or value.subject_id is not None else hashing.token(book_id, value._replace(text=text))
            for value, (text, _) in zip(values, looked, strict=True)
        ]
        leads, _ = self._found(book_id, {token for token in tokens if token is not None})
        return [
            fault if token is None or (token in leads and leads[token][0] == subject_of(value.text)) else _LOST
            for value, token, (_, fault) in zip(values, tokens, looked, strict=True)
        ]

    def derived_cipher(self, *parts: str | int | UUID) -> AESSIV:
        """Return the cipher that follows from parts: the same in every process, and unknown without the vault key."""
        return self._ring().names.derived_cipher(*parts)

    def derived_id(self, *parts: str | int | UUID) -> UUID:
        """Derive the id of a reference that may be personal: always the same, and unguessable without the key."""
        return self._ring().names.derived_id(*parts)

    def _unsealed(self, book_id: BookId, value: PersonalValue) -> tuple[str | None, str | None]:
        """Open a sealed text, or return the reason why it cannot be read."""
        subject_id = subject_of(value.text)
        if subject_id is None:
            return None, "it is not sealed text"
        try:
            _, key = self._found(book_id, {subject_id})[0].get(subject_id, (subject_id, None))
        except BrokenKey:
            return None, "its key was changed, and is unusable"
        if key is None:
            return None, "its key is gone"
        text = opened(key, value)
        return text, None if text is not None else "its key does not open it"

    def _found_or_made(self, book_id: BookId, names: "Collection[_Name]") -> "_Keys":
        for _ in range(_ATTEMPTS):
            keys, generation = self._found(book_id, names)
            if not (missing := [name for name in names if name not in keys]):
                return keys
            assert generation is not None, "what is missing was looked up just now"
            blocking(partial(self._make, book_id, missing, generation))
        raise Unavailable("subjects are being forgotten as fast as they are made; send the same request again")

    def _found(self, book_id: BookId, names: "Collection[_Name]") -> "tuple[_Keys, Generation | None]":
        """Return the known subjects of names, from the cache or by one statement.

        Also returns the generation that was the newest at the lookup; None without a lookup.
        """
        memory, generation = self._remembered(), None
        known = memory.keys.setdefault(book_id, {})
        if unknown := [name for name in names if name not in known]:
            found, generation = blocking(lambda: self._looked_up(book_id, unknown))
            known.update(found)
        return {name: known[name] for name in names if name in known}, generation

    def _remembered(self) -> "_Memory":
        """Return the cache; it is cleared as a whole, so that no key is used beyond its time."""
        memory, now = self._memory, self._clock()
        if not memory.since <= now < memory.since + timedelta(seconds=KEPT_SECONDS) or memory.size() > _KEPT_MAX:
            self._memory = memory = _Memory(now)
        return memory

    def _forget_all(self) -> None:
        self._memory = _Memory(self._clock())

    def _ring(self) -> Ring:
        """Return the open keyring, read again after the cache was cleared."""
        memory = self._remembered()
        if memory.contents is None:
            memory.contents = blocking(self.keyring().open)
        return memory.contents

    def _looked_up(self, book_id: BookId, names: "Iterable[_Name]") -> "tuple[_Keys, Generation]":
        """Look up names, and again with a fresh ring if another generation has begun since it was opened.

        Tokens are looked up under every generation of the ring: during a renewal there are two.
        """
        tokens, ids = _parted(names)
        for _ in range(_ATTEMPTS):
            contents = self._ring()
            stored = {each.wrapped_token(token): token for token in tokens for each in contents.generations.values()}
            with read(self._engine) as reader:
                asked = {"book": book_id, "tokens": list(stored), "ids": ids}
                found = reader.connection.execute(_FIND, asked).all()
            rows = [row for row in found if not row.is_newest]
            newest = next(NewestGeneration(row[3], row[1], row[2]) for row in found if row.is_newest)
            if newest.on(contents) and all(row.generation in contents.generations for row in rows if row.wrapped_key):
                return _unwrapped(book_id, rows, stored, contents), newest.required_on(contents)
            self._forget_all()
        newest.required_on(contents)
        raise InvalidInput(
            "a key of a subject is wrapped under a generation that is not on the keyring any more: restore vault and "
            "keyring as they were backed up together"
        )

    def _make(self, book_id: BookId, names: "Sequence[_Name]", generation: Generation) -> None:
        """Give each name a subject with a key, unless another process was first.

        Nothing is created if the generation is no longer the newest: the names are then looked up again.
        """
        made = []
        for name in sorted(names, key=_order):  # one order for all, so that two concurrent calls never deadlock
            subject_id = SubjectId(new_id()) if isinstance(name, bytes) else name
            wrapped = generation.wrapped(book_id, subject_id, secrets.token_bytes(KEY_BYTES))
            made.append((generation.wrapped_token(name) if isinstance(name, bytes) else None, subject_id, wrapped))
        tokens, ids, keys = map(list, zip(*made, strict=True))
        with begin(self._engine, actor=ACTOR, clock=self._clock) as work:
            asked = {"book": book_id, "tokens": tokens, "ids": ids, "keys": keys, "now": work.now}
            held = {"generation": generation.number, "key_hash": generation.key_hash}
            work.connection.execute(_MAKE, asked | held)


_LOST: Final = "its value no longer leads to its subject"

_Name = bytes | SubjectId
"""A name of a subject: the token of a value, or its id."""

_Keys = dict[_Name, tuple[SubjectId, AESSIV | None]]
"""The subject of each name with its key; None if it was destroyed."""


class _Memory:
    """The cache of a process: its knowledge of the vault since an instant."""

    def __init__(self, since: datetime) -> None:
        self.since = since
        self.contents: Ring | None = None
        self.keys: dict[BookId, _Keys] = {}

    def size(self) -> int:
        return sum(map(len, list(self.keys.values())))


def _sealed_text(found: tuple[SubjectId, AESSIV | None] | None, value: PersonalValue) -> str | None:
    """Return the sealed text of a value; None if it has no subject, or one whose key was destroyed."""
    return None if found is None or found[1] is None else sealed(found[0], found[1], value)


def _order(name: _Name) -> bytes:
    return name if isinstance(name, bytes) else name.bytes


def _parted(names: Iterable[_Name]) -> tuple[list[bytes], list[SubjectId]]:
    tokens: list[bytes] = []
    ids: list[SubjectId] = []
    for name in names:
        tokens.append(name) if isinstance(name, bytes) else ids.append(name)
    return tokens, ids


def _unwrapped(book_id: BookId, rows: Sequence[sa.Row[Any]], stored: Mapping[bytes, bytes], contents: Ring) -> _Keys:
    found: _Keys = {}
    for row in rows:
        subject_id, key = SubjectId(row.subject_id), None
        if row.wrapped_key is not None:
            raw = contents.generations[row.generation].unwrapped(book_id, subject_id, row.wrapped_key)
            if raw is None:
                raise BrokenKey(f"the key of subject {subject_id} was changed: its generation is on the ring")
            key = AESSIV(raw)
        found[subject_id] = subject_id, key
        if row.token is not None:
            found[stored[bytes(row.token)]] = subject_id, key
    return found


_IDS: Final = sa.bindparam("ids", type_=sa.ARRAY(sa.Uuid()))
_TOKENS: Final = sa.bindparam("tokens", type_=sa.ARRAY(sa.LargeBinary()))
_FIND: Final = sa.text("""
    SELECT NULL AS token, keyring_id AS subject_id, key_hash AS wrapped_key, generation, true AS is_newest
    FROM key_generations WHERE retired_at IS NULL
    UNION ALL
    SELECT n.token, k.subject_id, k.wrapped_key, k.generation, false
    FROM subject_names n JOIN subject_keys k USING (book_id, subject_id)
    WHERE n.book_id = :book AND n.token = ANY(:tokens)
    UNION ALL
    SELECT NULL, subject_id, wrapped_key, generation, false
    FROM subject_keys WHERE book_id = :book AND subject_id = ANY(:ids)
""").bindparams(_TOKENS, _IDS)
_MAKE: Final = sa.text(f"""
    WITH held AS MATERIALIZED ({HELD.text}), fresh AS (
        SELECT f.* FROM held,
            unnest(:tokens, :ids, :keys) WITH ORDINALITY AS f (token, subject_id, wrapped_key, place)
    ), named AS (
        INSERT INTO subject_names (book_id, token, generation, subject_id)
        SELECT :book, token, :generation, subject_id FROM fresh WHERE token IS NOT NULL ORDER BY place
        ON CONFLICT DO NOTHING RETURNING subject_id
    )
    INSERT INTO subject_keys (book_id, subject_id, wrapped_key, generation, made_at)
    SELECT :book, subject_id, wrapped_key, :generation, :now FROM fresh
    WHERE token IS NULL OR subject_id IN (SELECT subject_id FROM named) ORDER BY place
    ON CONFLICT DO NOTHING
""").bindparams(_TOKENS, _IDS, sa.bindparam("keys", type_=sa.ARRAY(sa.LargeBinary())))  # noqa: S608  # a constant of ours
_DESTROY: Final = sa.text("""
    UPDATE subject_keys SET wrapped_key = NULL, forgotten_at = :now, generation = :generation
    WHERE book_id = :book AND subject_id = ANY(:ids) AND wrapped_key IS NOT NULL
    RETURNING subject_id
""").bindparams(_IDS)
_STANDING: Final = sa.text("""
    SELECT subject_id FROM subject_keys
    WHERE book_id = :book AND subject_id = ANY(:ids) AND wrapped_key IS NOT NULL ORDER BY subject_id
""").bindparams(_IDS)
_UNNAME: Final = sa.text("DELETE FROM subject_names WHERE book_id = :book AND subject_id = ANY(:ids)").bindparams(_IDS)
