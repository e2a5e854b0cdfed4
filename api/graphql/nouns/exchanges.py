"""The mutation that exchanges money between two currencies."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Annotated, Final

import strawberry

from api.context import Call
from api.graphql import enums, refusals
from api.graphql.mistakes import Mistakes
from api.graphql.money import MoneyInput
from api.graphql.nouns.orders import date_of, reference_of
from api.graphql.nouns.postings import PostingResult, answered
from api.graphql.scalars import Currency, Minor
from api.graphql.validation import IdempotencyKey, checked_code
from ledger.book.exchange import parse_rate
from ledger.book.records.accounts import AccountId
from ledger.flows.exchanges import ExchangeOrder
from ledger.flows.exchanges import exchange as exchange_money
from ledger.kernel import errors
from ledger.kernel.money import MINOR_MAX, Money
from ledger.kernel.rounding import Rounding
from ledger.kernel.texts import checked_text
from ledger.public_ids import parse_public


@strawberry.input
class ExchangeInput:
    """An exchange of one currency for another. Both accounts are yours, each in its own currency."""

    sold_from: strawberry.ID = strawberry.field(description="The account that gives the sold amount, acc_…")
    bought_to: strawberry.ID = strawberry.field(description="The account that receives the bought amount, acc_…")
    sold: MoneyInput = strawberry.field(description="The amount to sell.")
    currency: Currency = strawberry.field(description="The currency to buy.")
    rate: str = strawberry.field(
        description="The exact rate: units of `currency` per unit of the sold currency, as a decimal such as 1.0842 or "
        "a fraction such as 27/25. It is recorded as written.",
    )
    rounding: enums.Rounding = strawberry.field(
        default=enums.Rounding.HALF_EVEN, description="The rounding of the bought amount to whole minor units."
    )
    bought_minor: Minor | None = strawberry.field(
        default=None, description="The bought amount that you expect, in minor units: refused if it differs."
    )
    code: str = strawberry.field(default="exchange", description="The code of both transfers, as in a transfer.")
    effective_at: datetime | None = strawberry.field(default=None, description="The effective time, as in a transfer.")
    effective_on: date | None = strawberry.field(
        default=None, description="The accounting date, instead of `effectiveAt`: counts from the start of that date."
    )
    external_ref: str | None = strawberry.field(default=None, description="Your own reference for both transfers.")


@strawberry.type
class ExchangeMutations:
    """Mutations of exchanges."""

    @strawberry.mutation
    def exchange(
        self,
        info: strawberry.Info[Call, None],
        wanted: Annotated[ExchangeInput, strawberry.argument(name="input", description="The amounts and the rate.")],
        idempotency_key: IdempotencyKey,
    ) -> PostingResult | None:
        """Exchange money: two linked transfers, one in each currency, through your liquidity accounts of the two."""
        call = info.context
        try:
            order = _order(call, wanted, idempotency_key)
            done = call.blocking(lambda engine: exchange_money(engine, call.post, order))
            return answered(call, done.orders, done.outcomes, _place)
        except errors.Refusal as refusal:
            return refusals.shown(refusal, "input")


_SOLD: Final = {"debitAccount": "soldFrom", "amount": "sold", "creditAccount": "soldFrom"}
_BOUGHT: Final = {"creditAccount": "boughtTo", "amount": "currency", "debitAccount": "currency"}
_BOTH: Final = {name: name for name in ("effectiveAt", "code", "externalRef")}


def _place(index: int, field: str) -> Sequence[str]:
    """Return the path of a field of one of the two transfers: the first one sells, the second one buys."""
    fields = (_BOUGHT if index else _SOLD) | _BOTH
    return ["input", fields[field]] if field in fields else ["input"]


def _order(call: Call, wanted: ExchangeInput, key: str) -> ExchangeOrder:
    mistakes = Mistakes()
    read = mistakes.at("input").read
    order = ExchangeOrder(
        book_id=call.book_id,
        partner_id=call.principal.partner_id,
        key=mistakes.read("idempotencyKey", checked_text, "idempotencyKey", key),
        sold_from=AccountId(read("soldFrom", parse_public, "account", wanted.sold_from)),
        bought_to=AccountId(read("boughtTo", parse_public, "account", wanted.bought_to)),
        sold=read("sold", _sold, wanted.sold),
        currency=wanted.currency,
        rate=read("rate", _rate, wanted.rate),
        rounding=Rounding[wanted.rounding.name],
        bought_minor=wanted.bought_minor,
        code=read("code", checked_code, wanted.code),
        external_ref=read("externalRef", reference_of, "externalRef", wanted.external_ref),
        effective_at=wanted.effective_at,
        effective_on=read("effectiveOn", date_of, wanted.effective_on, beside=wanted.effective_at),
        actor=call.actor,
    )
    mistakes.refuse()
    return order


def _sold(wanted: MoneyInput) -> Money:
    if wanted.amount_minor > MINOR_MAX:
        raise errors.InvalidAmount(f"{wanted.amount_minor} is larger than the ledger holds; split it")
    if wanted.amount_minor <= 0:
        raise errors.InvalidAmount(f"{wanted.amount_minor} cannot be sold; give an amount above zero")
    return Money(wanted.amount_minor, wanted.currency)


def _rate(text: str) -> str:
    """Return the text of a rate, which is recorded as written. Raises `InvalidRate`."""
    parse_rate(text)
    return text
