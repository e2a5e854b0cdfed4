"""The mutation that exchanges money between two currencies."""

from datetime import date, datetime
from typing import Annotated

import strawberry

from api.context import Call
from api.graphql import enums, refusals
from api.graphql.money import MoneyInput
from api.graphql.nouns.orders import date_of, reference_of
from api.graphql.nouns.postings import PostingResult, answered
from api.graphql.scalars import Currency, Minor
from api.graphql.validation import IdempotencyKey, checked_code
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
            return answered(call, done.orders, done.outcomes)
        except errors.Refusal as refusal:
            return refusals.shown(refusal)


def _order(call: Call, wanted: ExchangeInput, key: str) -> ExchangeOrder:
    if wanted.sold.amount_minor > MINOR_MAX:
        raise errors.InvalidAmount(f"{wanted.sold.amount_minor} is larger than the ledger holds; split it")
    return ExchangeOrder(
        book_id=call.book_id,
        partner_id=call.principal.partner_id,
        key=checked_text("idempotencyKey", key),
        sold_from=AccountId(parse_public("account", wanted.sold_from)),
        bought_to=AccountId(parse_public("account", wanted.bought_to)),
        sold=Money(wanted.sold.amount_minor, wanted.sold.currency),
        currency=wanted.currency,
        rate=wanted.rate,
        rounding=Rounding[wanted.rounding.name],
        bought_minor=wanted.bought_minor,
        code=checked_code(wanted.code),
        external_ref=reference_of("externalRef", wanted.external_ref),
        effective_at=wanted.effective_at,
        effective_on=date_of(wanted.effective_on, beside=wanted.effective_at),
        actor=call.actor,
    )
