"""Balances of the past in the schema: at a position, at a recorded instant, by an accounting date."""

from datetime import date, datetime
from typing import Annotated

import strawberry

from api.context import Call
from api.graphql.money import MoneyNode
from api.graphql.nouns.accounts import view_of
from api.graphql.scalars import Position
from ledger.book.reading import balances as book
from ledger.book.reading.balances import AccountView
from ledger.kernel.money import Money
from ledger.public_ids import public


@strawberry.input(one_of=True)
class MomentInput:
    """A moment of the past, by exactly one of these."""

    position: Position | None = strawberry.field(
        default=strawberry.UNSET, description="A position of the journal; waited for as for a `minPosition`."
    )
    recorded_by: datetime | None = strawberry.field(
        default=strawberry.UNSET, description="An instant: by what was recorded up to it."
    )
    effective_on: date | None = strawberry.field(
        default=strawberry.UNSET,
        description="The end of an accounting date of the book, as it is known now: what was dated back counts where "
        "it belongs. Holds have no date; they are those that stood at the end of that day.",
    )


@strawberry.type
class AccountBalance:
    """What stood on an account. What it allowed then is not part of it, and so not what was available."""

    account_id: strawberry.ID = strawberry.field(description="The account.")
    balance: MoneyNode = strawberry.field(description="What was posted on it, positive on its normal side.")
    pending: MoneyNode = strawberry.field(description="What open holds would have taken from it.")
    debits: MoneyNode = strawberry.field(description="Sum of its posted debits.")
    credits: MoneyNode = strawberry.field(description="Sum of its posted credits.")
    pending_debits: MoneyNode = strawberry.field(description="Sum of the open holds that would have debited it.")
    pending_credits: MoneyNode = strawberry.field(description="Sum of the open holds that would have credited it.")
    as_of: Position = strawberry.field(
        description="The position that the amounts are true for; of an accounting date: up to which it is known."
    )


@strawberry.type
class BalanceQueries:
    """Reading balances of the past."""

    @strawberry.field
    def account_balance(
        self,
        info: strawberry.Info[Call, None],
        id: Annotated[strawberry.ID | None, strawberry.argument(description="Its id, acc_…")] = None,  # noqa: A002  # the argument's public name
        external_ref: Annotated[str | None, strawberry.argument(description="Its reference.")] = None,
        *,
        at: Annotated[MomentInput, strawberry.argument(description="When: by exactly one of the three.")],
    ) -> AccountBalance | None:
        """What stood on one of your accounts; null where you had no such account by then."""
        call = info.context
        now = view_of(call, id, external_ref, min_position=at.position or None)
        if now is None:
            return None
        reader = call.reader()
        if at.effective_on:
            return _shown(book.account_effective(reader, now, at.effective_on))
        position = book.position_at(reader, call.book_id, at.recorded_by) if at.recorded_by else at.position or 0
        return None if position < now.account.seq else _shown(book.account_at(reader, now, position))


def _shown(view: AccountView) -> AccountBalance:
    sums, currency = view.sums, view.account.currency
    return AccountBalance(
        account_id=strawberry.ID(public("account", view.account.account_id)),
        balance=MoneyNode.of(view.balance),
        pending=MoneyNode.of(view.pending),
        debits=MoneyNode.of(Money(sums.debits, currency)),
        credits=MoneyNode.of(Money(sums.credits, currency)),
        pending_debits=MoneyNode.of(Money(sums.pending_debits, currency)),
        pending_credits=MoneyNode.of(Money(sums.pending_credits, currency)),
        as_of=Position(view.as_of_seq),
    )
