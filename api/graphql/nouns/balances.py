"""Historical balances in the schema: at a journal position, at a recorded instant, or at an accounting date."""

from datetime import date, datetime
from typing import Annotated

import strawberry

from api.context import Call
from api.graphql.money import MoneyNode
from api.graphql.nouns.account_queries import view_of
from api.graphql.scalars import Ordinal, Position
from ledger.book.reading.account_history import account_at, account_effective, position_at
from ledger.book.reading.account_views import AccountView
from ledger.kernel.money import Money
from ledger.public_ids import public


@strawberry.input(one_of=True)
class MomentInput:
    """A moment of the past: set exactly one of the fields."""

    position: Ordinal | None = strawberry.field(
        default=strawberry.UNSET, description="A journal position; waits for it like `minPosition`."
    )
    recorded_by: datetime | None = strawberry.field(
        default=strawberry.UNSET, description="An instant: counts everything recorded up to it."
    )
    effective_on: date | None = strawberry.field(
        default=strawberry.UNSET,
        description="The end of an accounting date of the book, as known now: backdated transfers count on their date. "
        "Holds have no accounting date; counted are the holds that were open at the end of that day.",
    )


@strawberry.type
class AccountBalance:
    """The amounts of an account at a past moment; without the available amount, which depends on past terms."""

    account_id: strawberry.ID = strawberry.field(description="The account.")
    balance: MoneyNode = strawberry.field(description="The posted balance, positive on the normal side.")
    pending: MoneyNode = strawberry.field(description="The amount that open holds would have taken from it.")
    debits: MoneyNode = strawberry.field(description="Sum of the posted debits.")
    credits: MoneyNode = strawberry.field(description="Sum of the posted credits.")
    pending_debits: MoneyNode = strawberry.field(
        description="Sum of the open holds that would have debited the account."
    )
    pending_credits: MoneyNode = strawberry.field(description="Sum of the open holds that would have credited it.")
    as_of: Position = strawberry.field(
        description="The journal position that the amounts are true for; at an accounting date: the newest that counts."
    )


@strawberry.type
class BalanceQueries:
    """Queries of historical balances."""

    @strawberry.field
    def account_balance(
        self,
        info: strawberry.Info[Call, None],
        id: Annotated[strawberry.ID | None, strawberry.argument(description="Its id, acc_…")] = None,  # noqa: A002  # the argument's public name
        external_ref: Annotated[str | None, strawberry.argument(description="Its reference.")] = None,
        *,
        at: Annotated[MomentInput, strawberry.argument(description="The moment: set exactly one of its fields.")],
    ) -> AccountBalance | None:
        """Historical balance of one of your accounts; null if you had no such account then."""
        call = info.context
        now = view_of(call, id, external_ref, min_position=at.position or None)
        if now is None:
            return None
        reader = call.reader()
        if at.effective_on:
            return _shown(account_effective(reader, now, at.effective_on))
        position = (
            position_at(reader, call.book_id, at.recorded_by) if at.recorded_by else call.position_of(at.position or 0)
        )
        return None if position < now.account.seq else _shown(account_at(reader, now, position))


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
