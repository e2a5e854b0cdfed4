"""Refusals in the schema: each is a result type with a code and a text, not a GraphQL error."""

import strawberry

from api.graphql.scalars import Position
from ledger.kernel import errors
from ledger.templates.errors import InvalidTemplate


@strawberry.interface
class Refusal:
    """The request was refused. Nothing was changed."""

    code: str = strawberry.field(description="The reason as a stable code, such as insufficient_funds.")
    message: str = strawberry.field(description="The reason as text, and how to correct the request.")


@strawberry.type
class InvalidInput(Refusal):
    """The request itself is invalid, whatever the state of the book. The idempotency key stays free."""

    index: int | None = strawberry.field(
        default=None, description="Index of the transfer in the request, from zero; null if the whole request is meant."
    )


@strawberry.type
class IdempotencyConflict(Refusal):
    """The idempotency key or reference was used before with other content; the message names the difference."""

    index: int | None = strawberry.field(
        default=None, description="Index of the transfer that differs, from zero; null if it is not a transfer."
    )


@strawberry.type
class Unavailable(Refusal):
    """A temporary failure. Send the same request with the same key again: it is executed at most once."""


@strawberry.type
class TransferRefused(Refusal):
    """The state of the book does not allow the transfer. The refusal is recorded: the same key stays refused."""

    # Nullable as in the other refusals: GraphQL lets one document ask all of them for a field of one type only.
    index: int | None = strawberry.field(description="Index of the refused transfer in the request, from zero.")
    position: Position = strawberry.field(description="The journal position of the refusal.")


@strawberry.type
class InsufficientFunds(TransferRefused):
    """The debit account does not have enough. The refusal is recorded: the same key stays refused."""


@strawberry.type
class AccountNotFound(TransferRefused):
    """You have no such account. The refusal is recorded: the same key stays refused."""


@strawberry.type
class CurrencyMismatch(TransferRefused):
    """The accounts and the amount have different currencies. The refusal is recorded: the same key stays refused."""


@strawberry.type
class AccountClosed(TransferRefused):
    """A hold closes one of the accounts: reopen it, or use another. The refusal is recorded."""


@strawberry.type
class AccountFrozen(TransferRefused):
    """One of the accounts is frozen on the side that the transfer uses. The refusal is recorded."""


@strawberry.type
class HoldNotFound(TransferRefused):
    """You have no such hold, or the transfer is not a hold. The refusal is recorded: the same key stays refused."""


@strawberry.type
class HoldNotOpen(TransferRefused):
    """The hold has ended: `code` says if it was posted or voided, or has expired. The refusal is recorded."""


@strawberry.type
class AlreadyReversed(TransferRefused):
    """The transfer was reversed before; a transfer can be reversed once. The refusal is recorded."""


@strawberry.type
class PeriodClosed(TransferRefused):
    """The accounting period of `effectiveAt` is closed: date the transfer later. The refusal is recorded."""


@strawberry.type
class ConditionFailed(TransferRefused):
    """A condition of the transfer would not hold after it. The refusal is recorded: the same key stays refused."""


@strawberry.type
class NotFound(Refusal):
    """You have no such object. The same key stays refused."""


@strawberry.type
class NotAllowed(Refusal):
    """You may not change this, such as a freeze by the operator. The same key stays refused."""


@strawberry.type
class TemplateFaults(Refusal):
    """The declaration of a template is invalid, or the arguments of a call do not match its parameters."""

    faults: list[str] = strawberry.field(description="Every mistake, with its location and the correction.")


def shown(refusal: errors.Refusal) -> InvalidInput | IdempotencyConflict | Unavailable:
    """Return the result type of a refusal that does not depend on the book's state; raise any other refusal."""
    text = str(refusal)
    if isinstance(refusal, errors.InvalidInput):
        return InvalidInput(code=refusal.code, message=text)
    if isinstance(refusal, errors.IdempotencyConflict):
        return IdempotencyConflict(code=refusal.code, message=text)
    if isinstance(refusal, errors.Unavailable):
        return Unavailable(code=refusal.code, message=text)
    raise refusal


def shown_of_template(
    refusal: errors.Refusal,
) -> TemplateFaults | NotFound | InvalidInput | IdempotencyConflict | Unavailable:
    """Return the result type of a refusal, including those of a template."""
    if isinstance(refusal, InvalidTemplate):
        return TemplateFaults(code=refusal.code, message=str(refusal), faults=list(refusal.faults))
    return shown_of_named(refusal)


def shown_of_named(refusal: errors.Refusal) -> NotFound | InvalidInput | IdempotencyConflict | Unavailable:
    """Return the result type of a refusal, including `NotFound`."""
    if isinstance(refusal, errors.NotFound):
        return NotFound(code=refusal.code, message=str(refusal))
    return shown(refusal)
