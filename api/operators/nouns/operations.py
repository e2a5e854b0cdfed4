"""Operations in the operators' schema: consumers with their lag, timers that are due, recurring tasks, the audit."""

from datetime import datetime

import strawberry

from api.operators.connections import BookName, book_id_of
from api.operators.context import OperatorCall
from api.operators.scalars import JournalPosition
from ledger.book.audits.audit import audit
from ledger.flows.registry import CONSUMERS, TIMERS
from ledger.journal.consumers import Projection, standings
from ledger.kernel import operations
from ledger.kernel.clock import system_clock
from ledger.kernel.work import Reader, read
from ledger.timers.timers import due


@strawberry.type
class ConsumerStanding:
    """The position of a consumer of the journal in a book."""

    book: str = strawberry.field(description="The book.")
    consumer: str = strawberry.field(description="The consumer.")
    kind: str = strawberry.field(description="The kind of consumer: projection or reaction.")
    position: JournalPosition = strawberry.field(description="The position up to which it has read.")
    lag: int = strawberry.field(description="The number of positions that it has not read.")
    moved_at: datetime | None = strawberry.field(description="The instant of its last step.")


@strawberry.type
class DueTimer:
    """A kind of timer with something that is due and not ended yet."""

    book: str = strawberry.field(description="The book.")
    kind: str = strawberry.field(description="The kind of timer, such as hold.")
    since: datetime = strawberry.field(description="The instant at which the earliest became due.")


@strawberry.type(name="Operation")
class OperationNode:
    """A recurring task of the installation."""

    name: str = strawberry.field(description="The task, such as build.")
    succeeded_at: datetime | None = strawberry.field(description="The instant of its last success.")
    failed_at: datetime | None = strawberry.field(description="The instant of its last failure.")
    has_failed: bool = strawberry.field(description="True if its last run failed.")
    late_seconds: int = strawberry.field(description="The seconds by which it is late; 0 if it is not.")


@strawberry.type
class AuditFinding:
    """The result of one check of the audit."""

    check: str = strawberry.field(description="The check.")
    ok: bool = strawberry.field(description="True if what it compared is equal.")
    detail: str = strawberry.field(description="The offenders, or what was compared.")


@strawberry.type
class OperationQueries:
    """Queries of operations."""

    @strawberry.field
    def consumers(self, info: strawberry.Info[OperatorCall, None]) -> list[ConsumerStanding]:
        """Consumers of the journal with their positions in each book."""
        call = info.context
        names = {book.book_id: book.name for book in call.books().values()}
        return [
            ConsumerStanding(
                book=names[each.book_id],
                consumer=each.consumer.name,
                kind="projection" if isinstance(each.consumer, Projection) else "reaction",
                position=JournalPosition(each.seq),
                lag=each.lag,
                moved_at=each.moved_at,
            )
            for each in standings(call.reader().connection, CONSUMERS)
        ]

    @strawberry.field
    def due_timers(self, info: strawberry.Info[OperatorCall, None]) -> list[DueTimer]:
        """Timers that are due, by kind and book, the earliest first; usually there are none."""
        call = info.context
        names = {book.book_id: book.name for book in call.books().values()}
        found = due(call.reader(), TIMERS, system_clock())
        return [DueTimer(book=names[each.book_id], kind=each.kind, since=each.since_at) for each in found]

    @strawberry.field
    def operations(self, info: strawberry.Info[OperatorCall, None]) -> list[OperationNode]:
        """Recurring tasks of the installation: when each last succeeded and failed, and how late it is."""
        settings, now = info.context.stores.settings, system_clock()
        found = [] if settings is None else info.context.blocking(lambda: list(operations.standings(settings)))
        return [
            OperationNode(
                name=each.name,
                succeeded_at=each.succeeded_at,
                failed_at=each.failed_at,
                has_failed=each.has_failed,
                late_seconds=int(each.late(now).total_seconds()),
            )
            for each in found
        ]

    @strawberry.field
    def audit_findings(self, info: strawberry.Info[OperatorCall, None], book: BookName) -> list[AuditFinding]:
        """Audit of a book now: all that it stores is derived again from its facts and compared.

        It reads the whole journal of the book, in seconds to minutes; `cofferdam verify` also compares the lake.
        """
        call = info.context
        book_id = book_id_of(call, book)

        def check() -> list[AuditFinding]:
            with read(call.stores.engine) as reader:
                found = audit(Reader(reader.connection), book_id)
            return [AuditFinding(check=each.check, ok=each.ok, detail=each.detail) for each in found]

        return call.blocking(check)
