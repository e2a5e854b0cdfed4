"""Books in the operators' schema: where each stands, how far its lake is behind, and its operating periods."""

from datetime import date, datetime
from typing import Annotated

import strawberry

from api.graphql.connections import After, Before, First, Last
from api.graphql.scalars import Currency
from api.operators.changes import Change, IdempotencyKey, requested
from api.operators.connections import BookName, Connection, Paging, fact_page
from api.operators.context import OperatorCall
from api.operators.refusals import Refused, shown
from api.operators.scalars import JournalPosition
from ledger.journal.acknowledgements import Lag, lags
from ledger.kernel import errors
from ledger.kernel.work import Work
from ledger.public_ids import public
from ledger.tenancy.operating_periods import Period, declare_period
from ledger.tenancy.records import Book, OperatingPeriod


@strawberry.type(name="Book")
class BookNode:
    """A self-contained set of accounts: one programme in one jurisdiction."""

    name: str = strawberry.field(description="The unique short name, by which other queries name the book.")
    jurisdiction: str = strawberry.field(description="ISO 3166-1 alpha-2 code of the country whose law it is under.")
    currency: Currency = strawberry.field(description="The currency that the programme reports in.")
    opened_at: datetime = strawberry.field(description="The instant at which it was opened.")
    live_partner: strawberry.ID | None = strawberry.field(
        description="Of a sandbox: the partner whose test side it is, par_…; it has no lake. Null for a live book."
    )
    position: JournalPosition = strawberry.field(description="The newest position of its journal.")
    lake_position: JournalPosition = strawberry.field(description="The position up to which the lake has it.")
    lake_waiting_since: datetime | None = strawberry.field(
        description="The instant of the oldest batch that is not in the lake; null if all of them are."
    )


@strawberry.type(name="OperatingPeriod")
class OperatingPeriodNode:
    """The dates between which a book operates, as declared; the newest declaration applies."""

    from_on: date = strawberry.field(description="The first accounting date of the operation.")
    until_on: date | None = strawberry.field(description="The last one; null while the operation continues.")
    actor: str = strawberry.field(description="The actor that declared it.")
    reason: str = strawberry.field(description="The reason, in the actor's words.")
    position: JournalPosition = strawberry.field(description="The journal position of the declaration.")
    recorded_at: datetime = strawberry.field(description="The instant of the declaration.")


@strawberry.input
class DeclareOperatingPeriodInput:
    """The period to declare."""

    book: str = strawberry.field(description="The book, by its name.")
    from_on: date = strawberry.field(description="The first accounting date of the operation.")
    reason: str = strawberry.field(description="Your reason, which is recorded: 1 to 500 characters.")
    until_on: date | None = strawberry.field(default=None, description="The last one. Absent: it continues.")


@strawberry.type
class DeclaredOperatingPeriod(Change):
    """The declaration, which now applies."""


DeclareOperatingPeriodResult = Annotated[
    DeclaredOperatingPeriod | Refused,
    strawberry.union("DeclareOperatingPeriodResult", description="The declaration, or the reason why it was not made."),
]


@strawberry.type
class BookQueries:
    """Queries of books."""

    @strawberry.field
    def books(self, info: strawberry.Info[OperatorCall, None]) -> list[BookNode]:
        """Books of this installation's own server, by number."""
        call = info.context
        behind = {lag.book_id: lag for lag in lags(call.reader().connection)}
        return [_book(each, behind[each.book_id]) for each in call.books().values()]

    @strawberry.field
    def operating_periods(
        self,
        info: strawberry.Info[OperatorCall, None],
        book: BookName,
        *,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
    ) -> Connection[OperatingPeriodNode]:
        """Operating periods of a book as they were declared, the newest first."""
        paging = Paging(first, after, last, before)
        return fact_page(info.context, book, OperatingPeriod, _period, paging=paging)


@strawberry.type
class BookMutations:
    """Mutations of books."""

    @strawberry.mutation
    def declare_operating_period(
        self,
        info: strawberry.Info[OperatorCall, None],
        wanted: Annotated[DeclareOperatingPeriodInput, strawberry.argument(name="input", description="The period.")],
        idempotency_key: IdempotencyKey,
    ) -> DeclareOperatingPeriodResult | None:
        """Declare the dates between which a book operates: the public bounds of its released insights."""
        call = info.context
        try:
            request = requested(call, "declareOperatingPeriod", wanted, idempotency_key)

            def declare(work: Work) -> None:
                period = Period(wanted.from_on, wanted.until_on)
                declare_period(work, request.book_id, period, reason=wanted.reason)

            done = call.change(request, declare)
            return DeclaredOperatingPeriod(position=JournalPosition(done.seq), is_replay=done.is_replay)
        except errors.Refusal as refusal:
            return shown(refusal)


def _book(book: Book, lag: Lag) -> BookNode:
    owner = book.live_partner_id
    return BookNode(
        name=book.name,
        jurisdiction=book.jurisdiction,
        currency=Currency(book.currency),
        opened_at=book.created_at,
        live_partner=None if owner is None else strawberry.ID(public("partner", owner)),
        position=JournalPosition(lag.seq),
        lake_position=JournalPosition(lag.lake_seq),
        lake_waiting_since=lag.waiting_since_at if owner is None else None,
    )


def _period(fact: OperatingPeriod) -> OperatingPeriodNode:
    return OperatingPeriodNode(
        from_on=fact.from_on,
        until_on=fact.until_on,
        actor=fact.actor,
        reason=fact.reason,
        position=JournalPosition(fact.seq),
        recorded_at=fact.recorded_at,
    )
