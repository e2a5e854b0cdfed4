"""Records of the vault: subjects with a key each, the tokens of their names, and the generations that wrap both."""

from datetime import datetime
from typing import Annotated, NewType
from uuid import UUID

from ledger.kernel.constraints import Check, Index
from ledger.kernel.ids import BookId
from ledger.kernel.record import Col, Record, record
from ledger.kernel.rights import Changes

SubjectId = NewType("SubjectId", UUID)


@record
class SubjectKey(Record):
    """The key that a subject's personal values are sealed under; destroyed when the subject is forgotten."""

    TABLE = "subject_keys"
    IN_LAKE = False
    CONSTRAINTS = (
        Check("forgotten", "(wrapped_key IS NULL) = (forgotten_at IS NOT NULL)"),
        Index(("generation",), where="wrapped_key IS NULL", name="subject_keys_forgotten_idx"),
    )
    CHANGES = Changes(("wrapped_key", "generation", "forgotten_at"))
    book_id: Annotated[BookId, Col("The book that holds the sealed values.", key=True, bits=32)]
    subject_id: Annotated[SubjectId, Col("Id of the subject, with which its sealed values begin.", key=True)]
    wrapped_key: Annotated[
        bytes | None, Col("Its key, wrapped under the key of its generation; null after it was forgotten.")
    ]
    generation: Annotated[int, Col("The generation that it is wrapped under, or the newest one when it was forgotten.")]
    made_at: Annotated[datetime, Col("The instant at which the key was made.")]
    forgotten_at: Annotated[datetime | None, Col("The instant at which the key was destroyed; null while it exists.")]


@record
class SubjectName(Record):
    """A personal value by which a subject is found again, as a keyed hash: the value itself is not stored."""

    TABLE = "subject_names"
    IN_LAKE = False
    CONSTRAINTS = (Index(("book_id", "subject_id")),)
    CHANGES = Changes(("token", "generation"), deletes=True)
    book_id: Annotated[BookId, Col("The book.", key=True, bits=32)]
    token: Annotated[
        bytes, Col("HMAC-SHA256 of book, partner and value under the vault's own key, wrapped like a key.", key=True)
    ]
    generation: Annotated[int, Col("The generation that the token is wrapped under.")]
    subject_id: Annotated[SubjectId, Col("The subject that the value names.")]


@record
class KeyGeneration(Record):
    """A generation of the key that wraps the keys of subjects; the key itself is in the keyring, which is a file."""

    TABLE = "key_generations"
    IN_LAKE = False
    CONSTRAINTS = (
        Check("destroyed", "destroyed_at IS NULL OR retired_at IS NOT NULL"),
        Index(("(retired_at IS NULL)",), "retired_at IS NULL", is_unique=True, name="key_generations_newest_key"),
    )
    CHANGES = Changes(("retired_at", "destroyed_at"))
    book_id: Annotated[BookId, Col("Always 0: it serves all books of the vault.", key=True, bits=32)]
    generation: Annotated[int, Col("Its number, from 1; 0 is the vault key itself, as vaults once began.", key=True)]
    keyring_id: Annotated[UUID, Col("The keyring of this vault: the name of its file.")]
    key_hash: Annotated[bytes, Col("A hash of its key, to detect a different key with this number; empty for 0.")]
    begun_at: Annotated[datetime, Col("The instant at which it began.")]
    retired_at: Annotated[
        datetime | None, Col("The instant from which nothing new is wrapped under it; null while it is the newest.")
    ]
    destroyed_at: Annotated[datetime | None, Col("The instant at which its key was marked as destroyed; null before.")]
