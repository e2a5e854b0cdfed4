"""Refusals in the schema: each is a result type with a code and a text, not a GraphQL error."""

from collections.abc import Sequence

import strawberry

from api.context import Call
from api.graphql.codes import REFUSALS, RefusalCode, code_of
from api.graphql.mistakes import InputMistake, InvalidFields
from api.graphql.scalars import Position
from ledger.flows.changed_objects import changed_object
from ledger.kernel import errors
from ledger.kernel.log_context import bind, bound_fields
from ledger.public_ids import public
from ledger.sandboxes.errors import LiveOnly, SandboxOnly
from ledger.templates.errors import InvalidTemplate


@strawberry.interface
class Refusal:
    """The request was refused. Nothing was changed."""

    code: RefusalCode = strawberry.field(description="The reason as a stable code.")
    message: str = strawberry.field(description="The reason as text, and how to correct the request.")
    is_replay: bool = strawberry.field(
        default=False, description="True if this is the answer to an earlier request with the same key."
    )
    path: list[str] = strawberry.field(
        default_factory=list,
        description="The place that is meant, from the argument down, such as input, transfers, 2, debitAccount; empty "
        "if it is the request as a whole.",
    )

    def __post_init__(self) -> None:
        """Count it, and have it in the log of the request."""
        REFUSALS.of(self.code.value).add()
        before = bound_fields().get("refusals")
        bind(refusals=self.code.name if before is None else f"{before} {self.code.name}")


@strawberry.type
class InvalidInput(Refusal):
    """The request itself is invalid, whatever the state of the book. The idempotency key stays free.

    Code, message and path are those of the first mistake.
    """

    mistakes: list[InputMistake] = strawberry.field(description="Every mistake of the request, in its order.")

    index: int | None = strawberry.field(
        default=None, description="Index of the transfer in the request, from zero; null if the whole request is meant."
    )


@strawberry.type
class IdempotencyConflict(Refusal):
    """The idempotency key or reference was used before with other content; the message names the difference."""

    index: int | None = strawberry.field(
        default=None, description="Index of the transfer that differs, from zero; null if it is not a transfer."
    )
    first_seq: strawberry.Private[int | None] = None

    @strawberry.field
    def first_id(self, info: strawberry.Info[Call, None]) -> strawberry.ID | None:
        """Id of what the key made or changed first, such as a transfer or an account; null if it was refused."""
        call = info.context
        if self.first_seq is None:
            return None
        changed = changed_object(call.reader(), call.book_id, self.first_seq)
        return None if changed is None else strawberry.ID(public(changed.noun, changed.object_id))


@strawberry.type
class Unavailable(Refusal):
    """A temporary failure. Send the same request with the same key again: it is executed at most once."""


@strawberry.type
class PositionNotReached(Refusal):
    """The book has not reached the position that a query asks for: ask again, or without it."""


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
class IllegalTransition(Refusal):
    """The object is in a state in which this cannot be done; the message names what can. The key stays free."""


@strawberry.type
class VaultTokenEnded(Refusal):
    """The token was erased, has expired, or its customer was forgotten: nobody can show its value any more."""


@strawberry.type
class NotAllowed(Refusal):
    """You may not change this, such as a freeze by the operator. The same key stays refused."""


@strawberry.type
class WrongEnvironment(Refusal):
    """The key is of the other side: only a test key plays scenarios, and only a live key creates test keys."""


@strawberry.type
class TemplateFaults(Refusal):
    """The declaration of a template is invalid, or the arguments of a call do not match its parameters."""

    faults: list[str] = strawberry.field(description="Every mistake, with its location and the correction.")


def shown(refusal: errors.Refusal, *path: str) -> InvalidInput | IdempotencyConflict | Unavailable:
    """Return the result type of a refusal that does not depend on the book's state; raise any other refusal.

    The path is that of a refusal that has none of its own.
    """
    if isinstance(refusal, InvalidFields):
        return invalid_input(str(refusal), refusal.mistakes)
    if isinstance(refusal, errors.InvalidInput):
        mistake = InputMistake(code=code_of(refusal), message=str(refusal), path=list(path))
        return invalid_input(mistake.message, [mistake])
    if isinstance(refusal, errors.IdempotencyConflict):
        return _conflict(refusal)
    if isinstance(refusal, errors.Unavailable):
        return Unavailable(code=code_of(refusal), message=str(refusal))
    raise refusal


def invalid_input(text: str, mistakes: Sequence[InputMistake]) -> InvalidInput:
    """Return the result type of an input with these mistakes."""
    first, index = mistakes[0], _index(mistakes[0].path)
    return InvalidInput(code=first.code, message=text, path=first.path, index=index, mistakes=list(mistakes))


def shown_of_template(
    refusal: errors.Refusal, *path: str
) -> TemplateFaults | NotFound | InvalidInput | IdempotencyConflict | Unavailable:
    """Return the result type of a refusal, including those of a template."""
    if isinstance(refusal, InvalidTemplate):
        faults, told = list(refusal.faults), str(refusal)
        return TemplateFaults(code=code_of(refusal), message=told, path=list(path), faults=faults)
    return shown_of_named(refusal, *path)


def shown_of_step(
    refusal: errors.Refusal, *path: str
) -> IllegalTransition | NotFound | InvalidInput | IdempotencyConflict | Unavailable:
    """Return the result type of a refusal, including those of a life cycle."""
    if isinstance(refusal, errors.IllegalTransition):
        code, text, is_replay = code_of(refusal), str(refusal), refusal.is_replay
        return IllegalTransition(code=code, message=text, path=list(path), is_replay=is_replay)
    return shown_of_named(refusal, *path)


def shown_of_named(refusal: errors.Refusal, *path: str) -> NotFound | InvalidInput | IdempotencyConflict | Unavailable:
    """Return the result type of a refusal, including `NotFound`."""
    if isinstance(refusal, errors.NotFound):
        code, text, is_replay = code_of(refusal), str(refusal), refusal.is_replay
        return NotFound(code=code, message=text, path=list(path), is_replay=is_replay)
    return shown(refusal, *path)


def shown_of_sandbox(
    refusal: errors.Refusal, *path: str
) -> WrongEnvironment | InvalidInput | IdempotencyConflict | Unavailable:
    """Return the result type of a refusal, including that of a key of the other side."""
    if isinstance(refusal, SandboxOnly | LiveOnly):
        return WrongEnvironment(code=code_of(refusal), message=str(refusal))
    return shown(refusal, *path)


def vault_token_ended(refusal: errors.Refusal, *path: str) -> VaultTokenEnded:
    """Return the result type of the refusal of a vault token that has ended."""
    return VaultTokenEnded(code=code_of(refusal), message=str(refusal), path=list(path), is_replay=refusal.is_replay)


def _conflict(refusal: errors.IdempotencyConflict) -> IdempotencyConflict:
    return IdempotencyConflict(
        code=code_of(refusal),
        message=str(refusal),
        path=["idempotencyKey"],
        is_replay=refusal.is_replay,
        first_seq=refusal.first_seq,
    )


def _index(path: Sequence[str]) -> int | None:
    """Return the index of the transfer that a path leads to; None if it leads to another place."""
    return int(path[2]) if path[1:2] == ["transfers"] and len(path) > 2 else None  # noqa: PLR2004  # input, transfers, index
