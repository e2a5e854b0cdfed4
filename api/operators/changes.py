"""Arguments and answers that all changes of operators have: a reason, a key, and the position of the fact."""

from collections.abc import Mapping
from dataclasses import asdict
from datetime import date, datetime
from enum import Enum
from typing import Annotated, Final, Protocol

import strawberry

from api.operators.connections import book_id_of
from api.operators.context import OperatorCall
from api.operators.scalars import JournalPosition
from ledger.kernel.errors import InvalidInput
from ledger.kernel.texts import checked_text
from ledger.tenancy.operator_changes import OperatorRequest

_KEY_LETTERS_MAX: Final = 200

IdempotencyKey = Annotated[
    str,
    strawberry.argument(
        description="Up to 200 characters of your choice that identify this request, such as a UUID. The same key with "
        "the same content changes nothing a second time; with other content, an IdempotencyConflict."
    ),
]


@strawberry.interface
class Change:
    """The change is done, and durable: a fact of the journal with you as its actor, and your reason."""

    position: JournalPosition = strawberry.field(description="The journal position of the change.")
    is_replay: bool = strawberry.field(description="True if an earlier request with the same key made the change.")


class ChangeInput(Protocol):
    """The input of a change: it names a book and states a reason."""

    book: str
    reason: str


def requested(call: OperatorCall, action: str, wanted: ChangeInput, key: str) -> OperatorRequest:
    """Return the request for a change. Raises `InvalidInput` and `NotFound`."""
    if not 1 <= len(key) <= _KEY_LETTERS_MAX:
        raise InvalidInput(f"idempotencyKey has 1 to {_KEY_LETTERS_MAX} characters")
    key = checked_text("idempotencyKey", key)
    return call.request(action, book_id_of(call, wanted.book), key, wanted.reason, content=_content(wanted))


def _content(wanted: ChangeInput) -> Mapping[str, object]:
    return {name: _plain(value) for name, value in asdict(wanted).items()}  # type: ignore[call-overload]  # an input is a dataclass


def _plain(value: object) -> object:
    if isinstance(value, Enum):
        return value.name
    return value.isoformat() if isinstance(value, date | datetime) else value
