"""Refusals in the operators' schema: each is a result type with a code and a text."""

import strawberry

from api.operators.scalars import JournalPosition
from ledger.kernel import errors


@strawberry.interface
class Refusal:
    """The request was refused. Nothing was changed."""

    code: str = strawberry.field(description="The reason as a stable code.")
    message: str = strawberry.field(description="The reason as text, and how to correct the request.")


@strawberry.type
class InvalidInput(Refusal):
    """The request itself is invalid. The idempotency key stays free."""

    path: list[str] = strawberry.field(description="The place that is meant; empty if it is the request as a whole.")


@strawberry.type
class NotFound(Refusal):
    """There is no such object. The idempotency key stays free."""


@strawberry.type
class IdempotencyConflict(Refusal):
    """The idempotency key was used before for another request."""


@strawberry.type
class NotPossible(Refusal):
    """The state of the object does not allow the change. The idempotency key stays free."""


@strawberry.type
class TransferRefused(Refusal):
    """The book refused the transfer. The refusal is recorded: the same key stays refused."""

    refusal_position: JournalPosition | None = strawberry.field(
        description="The journal position of the refusal; null if it was not recorded."
    )


@strawberry.type
class Unavailable(Refusal):
    """A temporary failure. Send the same request with the same key again: it is executed at most once."""


Refused = InvalidInput | NotFound | IdempotencyConflict | NotPossible | Unavailable


def shown(refusal: errors.Refusal) -> Refused:
    """Return the result type of a refusal."""
    said = {"code": refusal.code.upper(), "message": str(refusal)}
    if isinstance(refusal, errors.InvalidInput):
        return InvalidInput(**said, path=list(refusal.path))
    kinds: dict[type[errors.Refusal], type[NotFound | IdempotencyConflict | Unavailable]] = {
        errors.NotFound: NotFound,
        errors.IdempotencyConflict: IdempotencyConflict,
        errors.Unavailable: Unavailable,
    }
    kind = next((shown_as for each, shown_as in kinds.items() if isinstance(refusal, each)), NotPossible)
    return kind(**said)
