"""Subjects: whose personal values are sealed, each with a key of its own, and the names by which it is found again."""

from datetime import datetime
from typing import Annotated

from ledger.kernel.ids import BookId, SubjectId
from ledger.kernel.record import Col, Record, record


@record
class SubjectKey(Record):
    """The key that a subject's personal values are sealed under; destroyed when the subject is forgotten."""

    TABLE = "subject_keys"
    IN_LAKE = False
    book_id: Annotated[BookId, Col("The book that holds the sealed values.", key=True, bits=32)]
    subject_id: Annotated[SubjectId, Col("Id of the subject, which its sealed values begin with.", key=True)]
    wrapped_key: Annotated[
        bytes | None, Col("Its key, wrapped under the installation's vault key; null since it was forgotten.")
    ]
    made_at: Annotated[datetime, Col("When the key was made.")]
    forgotten_at: Annotated[datetime | None, Col("When the key was destroyed; null while it stands.")]


@record
class SubjectName(Record):
    """A personal value by which a subject is found again, as a keyed hash: the value itself is not stored."""

    TABLE = "subject_names"
    IN_LAKE = False
    book_id: Annotated[BookId, Col("The book.", key=True, bits=32)]
    token: Annotated[bytes, Col("HMAC-SHA256 of book, partner and value, under the vault key.", key=True)]
    subject_id: Annotated[SubjectId, Col("The subject that the value names.")]
