"""The mutation that posts transfers, and the answer of every mutation that posts."""

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Annotated, Final

import strawberry

from api.context import Call
from api.graphql import refusals
from api.graphql.answers import Success
from api.graphql.codes import code_of
from api.graphql.mistakes import InputMistake, InvalidFields
from api.graphql.nouns.orders import TRANSFERS_MAX, TransferInput, orders_of
from api.graphql.nouns.transfers import TransferNode, show_transfers
from api.graphql.results import FIELDS, SAYS
from api.graphql.scalars import Position
from api.graphql.validation import IdempotencyKey
from ledger.book.judging.orders import TransferOrder
from ledger.book.judging.results import CONFLICTS, LASTING, MALFORMED, Outcome, Result
from ledger.book.judging.rules import malformed
from ledger.book.judging.state import BookState
from ledger.book.reading.transfer_views import TransferView, accepted_view
from ledger.book.reading.transfers import transfers
from ledger.kernel import errors
from ledger.kernel.clock import system_clock
from ledger.kernel.work import Work


@strawberry.input
class PostTransfersInput:
    """Linked transfers in their order: all are done, or none."""

    transfers: list[TransferInput] = strawberry.field(description=f"1 to {TRANSFERS_MAX} transfers.")


@strawberry.type
class PostedTransfers(Success):
    """All transfers are done, and durable; `position` is that of the last one."""

    transfers: list[TransferNode] = strawberry.field(
        description="The transfers as they were recorded, in the order of the request: a hold is open."
    )

    @classmethod
    def of(cls, call: Call, views: Sequence[TransferView], *, is_replay: bool) -> "PostedTransfers":
        """Return the answer to a request that posted these transfers, whatever became of a hold since."""
        nodes = show_transfers(call, [view.as_recorded() for view in views])
        return cls(transfers=nodes, position=Position(views[-1].transfer.seq), is_replay=is_replay)


Refused = (
    refusals.InsufficientFunds
    | refusals.AccountNotFound
    | refusals.AccountClosed
    | refusals.AccountFrozen
    | refusals.CurrencyMismatch
    | refusals.HoldNotFound
    | refusals.HoldNotOpen
    | refusals.PeriodClosed
    | refusals.ConditionFailed
    | refusals.TransferRefused
    | refusals.InvalidInput
    | refusals.IdempotencyConflict
    | refusals.Unavailable
)
"""The refusals of a posting; mutations that name an object add more."""

PostingResult = Annotated[
    PostedTransfers | Refused,
    strawberry.union("PostingResult", description="The transfers, or the reason why none of them was done."),
]


@strawberry.type
class PostingMutations:
    """Mutations that post transfers."""

    @strawberry.mutation
    def post_transfers(
        self,
        info: strawberry.Info[Call, None],
        wanted: Annotated[PostTransfersInput, strawberry.argument(name="input", description="The transfers to post.")],
        idempotency_key: IdempotencyKey,
    ) -> PostingResult | None:
        """Move or hold money. All transfers of the request are done, or none."""
        call = info.context
        try:
            orders = orders_of(call, wanted.transfers, idempotency_key)
            return answered(call, orders, call.post(orders), _of_transfers)
        except errors.Refusal as refusal:
            return refusals.shown(refusal)


Place = Callable[[int, str], Sequence[str]]
"""Returns the path of a field of a transfer's input in that of a mutation; an empty one if it has no such field."""


def place_named(**fields: str) -> Place:
    """Return the place of fields by their names in the input of a mutation that posts one transfer."""
    return lambda _index, field: ["input", fields[field]] if field in fields else []


def answered(
    call: Call, orders: Sequence[TransferOrder], outcomes: Sequence[Outcome], place: Place
) -> PostedTransfers | Refused:
    """Return the posted transfers of a request, or the refusal of the one that failed it."""
    for index, outcome in enumerate(outcomes):
        if outcome.result in MALFORMED:
            return _malformed(orders, outcome.result, index, place)
        if outcome.result not in (Result.CREATED, Result.EXISTS, Result.LINKED_FAILED):
            return _refused(outcome, index, place)
    is_replay = all(outcome.result is Result.EXISTS for outcome in outcomes)
    return PostedTransfers.of(call, _views(call, orders, outcomes), is_replay=is_replay)


def show_refused(
    result: Result, index: int, position: int, *, is_replay: bool, path: Sequence[str] = ()
) -> refusals.TransferRefused:
    """Return the recorded refusal of a transfer."""
    refused = _TYPES.get(result, refusals.TransferRefused)
    return refused(
        code=code_of(result),
        message=SAYS[result],
        path=list(path),
        index=index,
        position=Position(position),
        is_replay=is_replay,
    )


def refused_for_good(
    call: Call, key: str, content: Mapping[str, object], refusal: errors.NotFound
) -> errors.NotFound | errors.IdempotencyConflict | errors.Unavailable:
    """Bind a refusal to the key of a request that was not posted; return it, or the refusal that the key had before."""

    def refuse(_work: Work) -> int:
        raise refusal

    try:
        call.once(key, sealed(call, content), refuse)
    except (errors.NotFound, errors.IdempotencyConflict, errors.Unavailable) as kept:
        return kept
    raise AssertionError("a request that was refused for good is refused again")


def sealed(call: Call, content: Mapping[str, object]) -> Mapping[str, object]:
    """Return a keyed hash in place of a request's content, since the content may be personal."""
    text = json.dumps(content, sort_keys=True)
    return {"sealed": call.vault.derived_id(call.book_id, "request", text).hex}


def _views(call: Call, orders: Sequence[TransferOrder], outcomes: Sequence[Outcome]) -> Sequence[TransferView]:
    """Return the views of the transfers: as the outcomes tell them, or else from the store."""
    told = [accepted_view(call.book_id, *each) for each in zip(orders, outcomes, strict=True)]
    known = [view for view in told if view is not None]
    if len(known) == len(told):
        return known
    found = transfers(call.reader(), call.book_id, [order.transfer_id for order in orders])
    return [found[order.transfer_id] for order in orders]


def _of_transfers(index: int, field: str) -> Sequence[str]:
    return ["input", "transfers", str(index), *([field] if field else [])]


_TYPES: Final[dict[Result, type[refusals.TransferRefused]]] = {
    Result.INSUFFICIENT_FUNDS: refusals.InsufficientFunds,
    Result.DEBIT_ACCOUNT_NOT_FOUND: refusals.AccountNotFound,
    Result.CREDIT_ACCOUNT_NOT_FOUND: refusals.AccountNotFound,
    Result.DEBIT_ACCOUNT_CLOSED: refusals.AccountClosed,
    Result.CREDIT_ACCOUNT_CLOSED: refusals.AccountClosed,
    Result.DEBIT_ACCOUNT_FROZEN: refusals.AccountFrozen,
    Result.CREDIT_ACCOUNT_FROZEN: refusals.AccountFrozen,
    Result.CURRENCY_MISMATCH: refusals.CurrencyMismatch,
    Result.HOLD_NOT_FOUND: refusals.HoldNotFound,
    Result.NOT_A_HOLD: refusals.HoldNotFound,
    Result.HOLD_ALREADY_POSTED: refusals.HoldNotOpen,
    Result.HOLD_ALREADY_VOIDED: refusals.HoldNotOpen,
    Result.HOLD_EXPIRED: refusals.HoldNotOpen,
    Result.ALREADY_REVERSED: refusals.AlreadyReversed,
    Result.PERIOD_CLOSED: refusals.PeriodClosed,
    Result.CONDITION_FAILED: refusals.ConditionFailed,
}
"""The refusals with a type of their own; every other refusal by the state of the book is a `TransferRefused`."""


def _malformed(orders: Sequence[TransferOrder], result: Result, index: int, place: Place) -> refusals.InvalidInput:
    """Return all orders that are wrong in themselves; the book tells only the first one."""
    state, now = BookState({}), system_clock()
    later = ((at, malformed(state, orders[at], now, strict=False)) for at in range(index + 1, len(orders)))
    found = [(index, result), *((at, code) for at, code in later if code is not None)]
    mistakes = [InputMistake(code=code_of(code), message=SAYS[code], path=_path(place, at, code)) for at, code in found]
    return refusals.invalid_input(str(InvalidFields(mistakes)), mistakes)


def _refused(outcome: Outcome, index: int, place: Place) -> Refused:
    """Return the refusal of the transfer that failed the request, with its original code."""
    result = outcome.original or outcome.result
    code, message, path = code_of(result), SAYS[result], _path(place, index, result)
    if result in CONFLICTS:
        named = path or ["idempotencyKey"]
        return refusals.IdempotencyConflict(code=code, message=message, path=named, index=index, first_seq=outcome.seq)
    if result not in LASTING:
        mistake = InputMistake(code=code, message=message, path=path)
        return refusals.invalid_input(message, [mistake])
    assert outcome.seq is not None, "a refusal by the state of the book is recorded"
    is_replay = outcome.result is Result.ID_ALREADY_FAILED
    return show_refused(result, index, outcome.seq, is_replay=is_replay, path=path)


def _path(place: Place, index: int, result: Result) -> list[str]:
    """Return the path of the field that a result is about, or of the transfer as a whole."""
    return list(place(index, FIELDS.get(result, "")))
