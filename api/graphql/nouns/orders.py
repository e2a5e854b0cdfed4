"""Transfers of a request in the schema, and their orders, whose ids are derived from the idempotency key."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Final

import strawberry

from api.context import Call
from api.graphql.enums import Balancing, Measure, Side
from api.graphql.mistakes import Mistakes
from api.graphql.money import MoneyInput
from api.graphql.scalars import Minor
from api.graphql.validation import checked_code
from ledger.book.judging.orders import PLAIN, Condition, Terms, TransferOrder
from ledger.book.posting.tags import TAGS_MAX, tags_text
from ledger.book.records import accounts, monitors
from ledger.book.records import transfers as records
from ledger.book.records.accounts import AccountId
from ledger.book.records.transfers import GroupId, TransferId
from ledger.kernel import errors
from ledger.kernel.ids import PartnerId, derived_id
from ledger.kernel.texts import checked_text
from ledger.personal_data.counterparties import sealed_orders
from ledger.public_ids import parse_public

TRANSFERS_MAX: Final = 100
"""The most transfers of one request."""

_CONDITIONS_MAX: Final = 10


@strawberry.input
class ConditionInput:
    """A condition on the account of one side after the transfer; if it is false, the transfer is refused."""

    side: Side = strawberry.field(description="The side whose account is checked.")
    measure: Measure = strawberry.field(description="The measured amount.")
    at_least: Minor | None = strawberry.field(default=None, description="The smallest allowed amount, in minor units.")
    at_most: Minor | None = strawberry.field(default=None, description="The largest allowed amount, in minor units.")


@strawberry.input
class TransferInput:
    """A transfer to post. Both accounts are yours, and in the currency of the amount."""

    debit_account: strawberry.ID = strawberry.field(description="The account that gives, acc_…")
    credit_account: strawberry.ID = strawberry.field(description="The account that receives, acc_…")
    amount: MoneyInput = strawberry.field(description="The amount; with `upTo`, the largest amount.")
    code: str = strawberry.field(
        description="The purpose: a word of up to 40 lower-case letters, digits, - and _, such as payment or fee."
    )
    effective_at: datetime | None = strawberry.field(
        default=None,
        description="The effective time: not in the future, at most 366 days back. Absent: the time of recording.",
    )
    effective_on: date | None = strawberry.field(
        default=None, description="The accounting date, instead of `effectiveAt`: counts from the start of that date."
    )
    external_ref: str | None = strawberry.field(default=None, description="Your own reference for the transfer.")
    counterparty: str | None = strawberry.field(default=None, description="Your own reference for the other side.")
    tags: list[str] = strawberry.field(
        default_factory=list,
        description=f"Up to {TAGS_MAX} tags to find it by, each of 1 to 40 of a-z, 0-9, _ and -.",
    )
    hold: bool = strawberry.field(
        default=False, description="Reserve the amount without moving it; postHold moves it, voidHold releases it."
    )
    timeout_seconds: int | None = strawberry.field(
        default=None, description="For a hold: the seconds until it expires. Absent or 0: never."
    )
    up_to: Balancing | None = strawberry.field(
        default=None, description="Move no more than the balance of this side allows, possibly nothing."
    )
    conditions: list[ConditionInput] = strawberry.field(
        default_factory=list,
        description=f"Up to {_CONDITIONS_MAX} conditions, checked after this transfer and before the next one.",
    )


def orders_of(call: Call, wanted: Sequence[TransferInput], key: str) -> Sequence[TransferOrder]:
    """Return the orders of one request, linked if there are several, with sealed counterparties.

    Raises `InvalidFields` with all mistakes.
    """
    mistakes, size = Mistakes(), len(wanted)
    mistakes.read("idempotencyKey", checked_text, "idempotencyKey", key)
    mistakes.at("input").read("transfers", _require_size, size)
    mistakes.refuse()
    # The size is part of the group's id: a resend with fewer transfers is a different request.
    partner_id = call.principal.partner_id
    group_id = GroupId(derived_id(call.book_id, partner_id, "group", key, size)) if size > 1 else None
    orders = [
        _order(
            each,
            mistakes.at("input", "transfers", index),
            transfer_id=transfer_id_of(call, key, index),
            partner_id=partner_id,
            group_id=group_id,
        )
        for index, each in enumerate(wanted)
    ]
    mistakes.refuse()
    return sealed_orders(call.vault, call.book_id, orders)


def transfer_id_of(call: Call, key: str, index: int = 0) -> TransferId:
    """Return the id of a transfer of a request: no key serves twice, whatever the mutation. Raises `InvalidInput`."""
    checked_text("idempotencyKey", key)
    return TransferId(derived_id(call.book_id, call.principal.partner_id, "transfer", key, index))


def reference_of(what: str, text: str | None) -> str | None:
    """Return the caller's reference after checking it, or None. Raises `InvalidInput`."""
    return None if text is None else checked_text(what, text)


def date_of(effective_on: date | None, *, beside: datetime | None) -> date | None:
    """Return the caller's accounting date, or None; it excludes an instant. Raises `InvalidInput`."""
    if effective_on is not None and beside is not None:
        raise errors.InvalidInput("effectiveAt and effectiveOn are both given; give one of them, or none")
    return effective_on


def _require_size(size: int) -> None:
    if not 1 <= size <= TRANSFERS_MAX:
        raise errors.InvalidInput(f"a request has 1 to {TRANSFERS_MAX} transfers, this one has {size}")


def _order(
    wanted: TransferInput,
    mistakes: Mistakes,
    *,
    transfer_id: TransferId,
    partner_id: PartnerId,
    group_id: GroupId | None,
) -> TransferOrder:
    read = mistakes.read
    return TransferOrder(
        transfer_id=transfer_id,
        partner_id=partner_id,
        debit_account_id=AccountId(read("debitAccount", parse_public, "account", wanted.debit_account)),
        credit_account_id=AccountId(read("creditAccount", parse_public, "account", wanted.credit_account)),
        amount_minor=wanted.amount.amount_minor,
        currency=wanted.amount.currency,
        code=read("code", checked_code, wanted.code),
        effective_at=wanted.effective_at,
        effective_on=read("effectiveOn", date_of, wanted.effective_on, beside=wanted.effective_at),
        external_ref=read("externalRef", reference_of, "externalRef", wanted.external_ref),
        group_id=group_id,
        counterparty=read("counterparty", reference_of, "counterparty", wanted.counterparty),
        tags=read("tags", tags_text, wanted.tags),
        terms=_terms(wanted, mistakes),
    )


def _terms(wanted: TransferInput, mistakes: Mistakes) -> Terms:
    terms = Terms(
        kind=records.Kind.HOLD if wanted.hold else records.Kind.TRANSFER,
        timeout_s=wanted.timeout_seconds or 0,
        balancing=None if wanted.up_to is None else records.Balancing[wanted.up_to.name],
        conditions=mistakes.read("conditions", _conditions, wanted.conditions),
    )
    return PLAIN if terms == PLAIN else terms


def _conditions(wanted: Sequence[ConditionInput]) -> tuple[Condition, ...]:
    if len(wanted) > _CONDITIONS_MAX:
        raise errors.InvalidInput(f"a transfer has up to {_CONDITIONS_MAX} conditions, not {len(wanted)}")
    return tuple(_condition(each) for each in wanted)


def _condition(wanted: ConditionInput) -> Condition:
    if wanted.at_least is None and wanted.at_most is None:
        raise errors.InvalidInput("a condition has a bound: give atLeast, atMost or both")
    return Condition(
        accounts.Side[wanted.side.name], monitors.Measure[wanted.measure.name], wanted.at_least, wanted.at_most
    )
