"""The vault: seals personal values under their subjects' keys, opens them again, and forgets subjects for good."""

import secrets
from collections.abc import Collection, Iterable, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

import sqlalchemy as sa
from cryptography.hazmat.primitives.ciphers.aead import AESSIV

from ledger.kernel.clock import Clock, system_clock
from ledger.kernel.errors import InvalidInput, SubjectForgotten, Unavailable
from ledger.kernel.ids import BookId, SubjectId, new_id
from ledger.kernel.work import begin, read
from ledger.vault.sealing import KEY_BYTES, PersonalValue, VaultKey, opened, sealed, subject_of

KEPT_SECONDS: Final = 60
"""For how long a process may use a key that another one has destroyed."""

_KEPT_MAX: Final = 100_000
_ATTEMPTS: Final = 5


class Vault:
    """The keys of the subjects of a server's books, behind the installation's vault key. Threads may share it."""

    def __init__(self, engine: sa.Engine, key: bytes, *, clock: Clock = system_clock) -> None:
        """`engine` is of its own: a request that holds a connection of the ledger must not wait here for another."""
        self._engine, self._key, self._clock = engine, VaultKey(key), clock
        self._memory = _Memory(clock())
        self._fits = False

    def seal(self, book_id: BookId, values: Sequence[PersonalValue]) -> list[str]:
        """The sealed text of each value, in order; a value that nobody had before becomes a subject, durably.

        No statement where the process knows all of the subjects, one where the vault does, three otherwise. Raises
        `SubjectForgotten` for a subject that was named and forgotten.
        """
        if not values:
            return []
        names = [value.subject_id or self._key.token(book_id, value) for value in values]
        keys = self._found_or_made(book_id, set(names))
        texts = []
        for name, value in zip(names, values, strict=True):
            subject_id, key = keys[name]
            if key is None:
                raise SubjectForgotten("this customer was forgotten; what is personal of it can no longer be kept")
            texts.append(sealed(subject_id, key, value))
        return texts

    def find(self, book_id: BookId, value: PersonalValue) -> str | None:
        """The sealed text to search for; None where nobody has the value, so that nothing holds it."""
        subject_id = self.subject_of(book_id, value)
        return None if subject_id is None else self.seal(book_id, [value._replace(subject_id=subject_id)])[0]

    def subject_of(self, book_id: BookId, value: PersonalValue) -> SubjectId | None:
        """The subject that a value in clear names; None where nobody has it."""
        token = self._key.token(book_id, value)
        found = self._found(book_id, {token}).get(token)
        return None if found is None else found[0]

    def open_sealed(self, book_id: BookId, values: Sequence[PersonalValue]) -> list[str | None]:
        """What each sealed text says, in order; None where its subject was forgotten, or it is of another partner."""
        subjects = [subject_of(value.text) for value in values]
        known = self._found(book_id, {each for each in subjects if each is not None})
        keys = [None if each is None else known.get(each, (each, None))[1] for each in subjects]
        return [None if key is None else opened(key, value) for key, value in zip(keys, values, strict=True)]

    def forget(self, book_id: BookId, subject_ids: Collection[SubjectId]) -> list[SubjectId]:
        """Destroy the keys and names of subjects; those whose key stood until now. Done again, it changes nothing."""
        asked = {"book": book_id, "ids": list(subject_ids)}
        with begin(self._engine, actor="vault", clock=self._clock) as work:
            gone: Sequence[SubjectId] = work.connection.execute(_DESTROY, {**asked, "now": work.now}).scalars().all()
            work.connection.execute(_UNNAME, asked)
        self._memory = _Memory(self._clock())
        return list(gone)

    def standing(self, book_id: BookId, subject_ids: Collection[SubjectId]) -> list[SubjectId]:
        """Those of the subjects whose keys stand."""
        with read(self._engine) as reader:
            asked = {"book": book_id, "ids": list(subject_ids)}
            found: Sequence[SubjectId] = reader.connection.execute(_STANDING, asked).scalars().all()
        return list(found)

    def faults(self, book_id: BookId, values: Sequence[PersonalValue]) -> list[str | None]:
        """What keeps each sealed text from being opened, or from being found by what it says; None: nothing does.

        The store is asked anew, and nothing is made in it.
        """
        self._memory = _Memory(self._clock())
        with suppress(AssertionError):  # whose key was changed, each value is told below
            self._found(book_id, {each for value in values if (each := subject_of(value.text)) is not None})
        looked = [self._unsealed(book_id, value) for value in values]
        tokens = [
            None if text is None else self._key.token(book_id, value._replace(text=text))
            for value, (text, _) in zip(values, looked, strict=True)
        ]
        leads = self._found(book_id, {token for token in tokens if token is not None})
        return [
            fault if token is None or (token in leads and leads[token][0] == subject_of(value.text)) else _LOST
            for value, token, (_, fault) in zip(values, tokens, looked, strict=True)
        ]

    def derived_id(self, *parts: str | int | UUID) -> UUID:
        """The id of a reference that may be personal: always the same, and not to be guessed from outside."""
        return self._key.derived_id(*parts)

    def _unsealed(self, book_id: BookId, value: PersonalValue) -> tuple[str | None, str | None]:
        """What a sealed text says, or why nobody can read it."""
        subject_id = subject_of(value.text)
        if subject_id is None:
            return None, "it is no sealed text"
        try:
            _, key = self._found(book_id, {subject_id}).get(subject_id, (subject_id, None))
        except AssertionError:
            return None, "its key was changed, and opens nothing"
        if key is None:
            return None, "its key is gone"
        text = opened(key, value)
        return text, None if text is not None else "its key does not open it"

    def _found_or_made(self, book_id: BookId, names: "Collection[_Name]") -> "_Keys":
        for _ in range(_ATTEMPTS):
            keys = self._found(book_id, names)
            if not (missing := [name for name in names if name not in keys]):
                return keys
            self._make(book_id, missing)
        raise Unavailable("subjects are being forgotten as fast as they are made; send the same request again")

    def _found(self, book_id: BookId, names: "Collection[_Name]") -> "_Keys":
        """The subjects of names that there are, by what this process knows, and else by one statement."""
        memory = self._remembered()
        known = memory.keys.setdefault(book_id, {})
        if unknown := [name for name in names if name not in known]:
            known.update(self._looked_up(book_id, unknown))
        return {name: known[name] for name in names if name in known}

    def _remembered(self) -> "_Memory":
        """What is remembered; all of it is forgotten at once, so that no key outlives its time."""
        memory, now = self._memory, self._clock()
        if not memory.since <= now < memory.since + timedelta(seconds=KEPT_SECONDS) or memory.size() > _KEPT_MAX:
            self._memory = memory = _Memory(now)
        return memory

    def _looked_up(self, book_id: BookId, names: "Iterable[_Name]") -> "_Keys":
        self._require_fitting_key()
        tokens, ids = _parted(names)
        with read(self._engine) as reader:
            rows = reader.connection.execute(_FIND, {"book": book_id, "tokens": tokens, "ids": ids}).all()
        found: _Keys = {}
        for row in rows:
            subject_id, wrapped = SubjectId(row.subject_id), row.wrapped_key
            key = None if wrapped is None else self._key.unwrapped(book_id, subject_id, wrapped)
            assert wrapped is None or key is not None, "the vault key fits, and yet a key of a subject is broken"
            found[subject_id] = subject_id, key
            if row.token is not None:
                found[row.token] = subject_id, key
        return found

    def _make(self, book_id: BookId, names: "Sequence[_Name]") -> None:
        """Give each name a subject with a key; whoever was first stays, and what comes second leaves nothing."""
        made = []
        for name in sorted(names, key=_order):  # in one order, so that two who do so at once never wait in a ring
            subject_id = SubjectId(new_id()) if isinstance(name, bytes) else name
            wrapped = self._key.wrapped(book_id, subject_id, secrets.token_bytes(KEY_BYTES))
            made.append((name if isinstance(name, bytes) else None, subject_id, wrapped))
        tokens, ids, keys = map(list, zip(*made, strict=True))
        with begin(self._engine, actor="vault", clock=self._clock) as work:
            asked = {"book": book_id, "tokens": tokens, "ids": ids, "keys": keys, "now": work.now}
            work.connection.execute(_MAKE, asked)

    def _require_fitting_key(self) -> None:
        """Refuse a vault key that is not the one which this vault began with: it would find nobody, silently."""
        if self._fits:
            return
        mark = self._key.wrapped(_NO_BOOK, _NOBODY, bytes(KEY_BYTES))
        with begin(self._engine, actor="vault", clock=self._clock) as work:
            work.connection.execute(_MARK, {"book": _NO_BOOK, "id": _NOBODY, "key": mark, "now": work.now})
            kept: bytes = work.connection.execute(_MARKED, {"book": _NO_BOOK, "id": _NOBODY}).scalar_one()
        if kept != mark:
            raise InvalidInput(
                "the vault was begun with another vault key: restore the secrets file of its home, or set "
                "COFFERDAM_VAULT_KEY to the key that it began with"
            )
        self._fits = True


_LOST: Final = "what it says does not lead to its subject any more"

_Name = bytes | SubjectId
"""By what a subject is looked for: the token of a value, or its id."""

_Keys = dict[_Name, tuple[SubjectId, AESSIV | None]]
"""The subject of each name with its key; None where it was destroyed."""


class _Memory:
    """What a process knows of the vault since an instant."""

    def __init__(self, since: datetime) -> None:
        self.since = since
        self.keys: dict[BookId, _Keys] = {}

    def size(self) -> int:
        return sum(map(len, list(self.keys.values())))


def _order(name: _Name) -> bytes:
    return name if isinstance(name, bytes) else name.bytes


def _parted(names: Iterable[_Name]) -> tuple[list[bytes], list[SubjectId]]:
    tokens: list[bytes] = []
    ids: list[SubjectId] = []
    for name in names:
        tokens.append(name) if isinstance(name, bytes) else ids.append(name)
    return tokens, ids


_NO_BOOK: Final = BookId(0)
_NOBODY: Final = SubjectId(UUID(int=0))

_IDS: Final = sa.bindparam("ids", type_=sa.ARRAY(sa.Uuid()))
_TOKENS: Final = sa.bindparam("tokens", type_=sa.ARRAY(sa.LargeBinary()))
_FIND: Final = sa.text("""
    SELECT n.token, k.subject_id, k.wrapped_key FROM subject_names n JOIN subject_keys k USING (book_id, subject_id)
    WHERE n.book_id = :book AND n.token = ANY(:tokens)
    UNION ALL
    SELECT NULL, subject_id, wrapped_key FROM subject_keys WHERE book_id = :book AND subject_id = ANY(:ids)
""").bindparams(_TOKENS, _IDS)
_MAKE: Final = sa.text("""
    WITH fresh AS (
        SELECT * FROM unnest(:tokens, :ids, :keys) WITH ORDINALITY AS f (token, subject_id, wrapped_key, place)
    ), named AS (
        INSERT INTO subject_names (book_id, token, subject_id)
        SELECT :book, token, subject_id FROM fresh WHERE token IS NOT NULL ORDER BY place
        ON CONFLICT DO NOTHING RETURNING subject_id
    )
    INSERT INTO subject_keys (book_id, subject_id, wrapped_key, made_at)
    SELECT :book, subject_id, wrapped_key, :now FROM fresh
    WHERE token IS NULL OR subject_id IN (SELECT subject_id FROM named) ORDER BY place
    ON CONFLICT DO NOTHING
""").bindparams(_TOKENS, _IDS, sa.bindparam("keys", type_=sa.ARRAY(sa.LargeBinary())))
_DESTROY: Final = sa.text("""
    UPDATE subject_keys SET wrapped_key = NULL, forgotten_at = :now
    WHERE book_id = :book AND subject_id = ANY(:ids) AND wrapped_key IS NOT NULL
    RETURNING subject_id
""").bindparams(_IDS)
_STANDING: Final = sa.text("""
    SELECT subject_id FROM subject_keys
    WHERE book_id = :book AND subject_id = ANY(:ids) AND wrapped_key IS NOT NULL ORDER BY subject_id
""").bindparams(_IDS)
_UNNAME: Final = sa.text("DELETE FROM subject_names WHERE book_id = :book AND subject_id = ANY(:ids)").bindparams(_IDS)
_MARK: Final = sa.text("""
    INSERT INTO subject_keys (book_id, subject_id, wrapped_key, made_at) VALUES (:book, :id, :key, :now)
    ON CONFLICT DO NOTHING
""")
_MARKED: Final = sa.text("SELECT wrapped_key FROM subject_keys WHERE book_id = :book AND subject_id = :id")
