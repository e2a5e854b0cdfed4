"""Refusals in the schema: what the ledger does not allow is an answer with a code and a text, never a fault."""

import strawberry

from api.graphql.scalars import Position
from ledger.kernel import errors
from ledger.templates.errors import InvalidTemplate


@strawberry.interface
class Refusal:
    """The ledger may not do what was asked. Nothing was changed."""

    code: str = strawberry.field(description="Why, in one word for programs, such as insufficient_funds.")
    message: str = strawberry.field(description="Why, in words for persons, and what would be right.")


@strawberry.type
class InvalidInput(Refusal):
    """The request itself is wrong, whatever the state of the book; the idempotency key stays free."""

    index: int | None = strawberry.field(
        default=None, description="Which transfer of the request, from zero; null where it is the whole request."
    )


@strawberry.type
class IdempotencyConflict(Refusal):
    """The idempotency key or reference was used before, with other content; the message names what differs."""

    index: int | None = strawberry.field(
        default=None, description="Which transfer of the request differs, from zero; null where it is not a transfer."
    )


@strawberry.type
class Unavailable(Refusal):
    """A passing fault. Send the same request with the same key again: it is done at most once."""


@strawberry.type
class TransferRefused(Refusal):
    """The state of the book does not allow the transfer. The refusal is recorded: the same key stays refused."""

    # Nullable as in the other refusals: GraphQL lets one document ask all of them for a field of one type only.
    index: int | None = strawberry.field(description="Which transfer of the request, from zero.")
    position: Position = strawberry.field(description="Where the refusal is recorded in the journal.")


@strawberry.type
class InsufficientFunds(TransferRefused):
    """The debit account does not have enough. The refusal is recorded: the same key stays refused."""


@strawberry.type
class AccountNotFound(TransferRefused):
    """You have no such account. The refusal is recorded: the same key stays refused."""


@strawberry.type
class CurrencyMismatch(TransferRefused):
    """Both accounts and the amount must be of one currency. The refusal is recorded: the same key stays refused."""


@strawberry.type
class AccountClosed(TransferRefused):
    """A hold closes one of the accounts: reopen it, or name another. The refusal is recorded."""


@strawberry.type
class AccountFrozen(TransferRefused):
    """One of the accounts is frozen on the side that the transfer needs. The refusal is recorded."""


@strawberry.type
class HoldNotFound(TransferRefused):
    """You have no such hold, or what you named is no hold. The refusal is recorded: the same key stays refused."""


@strawberry.type
class HoldNotOpen(TransferRefused):
    """The hold has ended: `code` says whether it was posted or voided, or has expired. The refusal is recorded."""


@strawberry.type
class AlreadyReversed(TransferRefused):
    """The transfer was reversed before; a transfer is reversed once. The refusal is recorded."""


@strawberry.type
class PeriodClosed(TransferRefused):
    """The accounting period of `effectiveAt` is closed: date the transfer later. The refusal is recorded."""


@strawberry.type
class ConditionFailed(TransferRefused):
    """A condition of the transfer would not be true after it. The refusal is recorded: the same key stays refused."""


@strawberry.type
class NotFound(Refusal):
    """You have no such thing. The same key stays refused."""


@strawberry.type
class NotAllowed(Refusal):
    """It is not yours to change, such as a freeze of the operator. The same key stays refused."""


@strawberry.type
class TemplateFaults(Refusal):
    """The declaration of a template is wrong, or it was called with other arguments than it declares."""

    faults: list[str] = strawberry.field(description="Every mistake, with its place and what would be right.")


def shown(refusal: errors.Refusal) -> InvalidInput | IdempotencyConflict | Unavailable:
    """Show a refusal that is not about the state of the book; any other travels on."""
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
    """The same, where a template may have faults."""
    if isinstance(refusal, InvalidTemplate):
        return TemplateFaults(code=refusal.code, message=str(refusal), faults=list(refusal.faults))
    return shown_of_named(refusal)


def shown_of_named(refusal: errors.Refusal) -> NotFound | InvalidInput | IdempotencyConflict | Unavailable:
    """The same, where the thing that was named may not be there."""
    if isinstance(refusal, errors.NotFound):
        return NotFound(code=refusal.code, message=str(refusal))
    return shown(refusal)
