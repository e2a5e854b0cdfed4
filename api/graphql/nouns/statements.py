"""Statements in the schema: the balances of an account before and after a period, and the entries between them."""

from collections.abc import Mapping, Sequence
from datetime import date

import strawberry

from api.context import Call
from api.graphql.arguments import read_argument
from api.graphql.connections import After, Before, Connection, First, Last, page
from api.graphql.loaders import Siblings, loaded_once, position, shown_of_each
from api.graphql.money import MoneyNode
from api.graphql.nouns.entries import ENTRY_CURSORS, EntryNode, show_entries
from api.graphql.scalars import Position
from ledger.book.judging.sums import Sums, measured
from ledger.book.reading.statements import Period, statement_entries, statement_period, statement_sums
from ledger.book.records.accounts import Account, AccountId
from ledger.book.records.monitors import Measure
from ledger.kernel.money import Money


@strawberry.type
class AccountStatement:
    """Postings on an account in a period of accounting dates, as known now.

    A transfer that is dated back counts on its date. The closing balance is the opening balance of the next period.
    """

    from_on: date = strawberry.field(name="from", description="The first accounting date.")
    until: date = strawberry.field(description="The accounting date behind the last one.")
    opening: MoneyNode = strawberry.field(description="The balance before the period, positive on the normal side.")
    closing: MoneyNode = strawberry.field(description="The balance at its end.")
    debits: MoneyNode = strawberry.field(description="Sum of the debits in the period.")
    credits: MoneyNode = strawberry.field(description="Sum of the credits in the period.")
    as_of: Position = strawberry.field(description="The journal position that the statement is true for.")
    period: strawberry.Private[Period]
    account_id: strawberry.Private[AccountId]
    siblings: strawberry.Private[Siblings[AccountId]]

    @strawberry.field
    def entries(
        self,
        info: strawberry.Info[Call, None],
        *,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
    ) -> Connection[EntryNode]:
        """Entries that count to the period, in the order of their recording: those that moved money.

        The balance of an entry is that after its recording, which is not in the order of accounting dates.
        """
        call = info.context
        cursors = ENTRY_CURSORS.of(call)
        piece = cursors.slice(first, after, last, before)

        def read(ids: Sequence[AccountId]) -> Mapping[AccountId, list[EntryNode]]:
            found = statement_entries(call.reader(), call.book_id, ids, self.period, wanted=piece.with_one_more)
            return shown_of_each(found, show_entries)

        nodes = self.siblings.of(self.account_id, ("statement entries", self.period, piece), read)
        return page(nodes, lambda node: cursors.write(node.position), piece, as_of=position(call))


def statement_of(
    call: Call, siblings: Siblings[AccountId], account: Account, *, from_on: date, until: date
) -> AccountStatement:
    """Return the statement of an account; those of its siblings are read with it. Raises `InvalidInput`."""

    def period_of() -> Period:
        return read_argument("until", statement_period, call.reader(), call.book_id, from_on, until)

    period = loaded_once(call, ("period", from_on, until), period_of)
    opening, closing = siblings.of(
        account.account_id,
        ("statement", period),
        lambda ids: statement_sums(call.reader(), call.book_id, ids, period),
    )
    return AccountStatement(
        from_on=from_on,
        until=until,
        opening=_balance(account, opening),
        closing=_balance(account, closing),
        debits=MoneyNode.of(Money(closing.debits - opening.debits, account.currency)),
        credits=MoneyNode.of(Money(closing.credits - opening.credits, account.currency)),
        as_of=Position(position(call)),
        period=period,
        account_id=account.account_id,
        siblings=siblings,
    )


def _balance(account: Account, sums: Sums) -> MoneyNode:
    minor = measured(Measure.POSTED, sums, account.normal_side, credit_line_minor=0)
    return MoneyNode.of(Money(minor, account.currency))
