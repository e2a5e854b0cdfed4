"""Operators themselves in their schema: who is signed in, what was changed by whom, and the end of a session."""

from datetime import datetime
from typing import Annotated

import strawberry

from api.graphql.arguments import read_argument
from api.graphql.connections import After, Before, First, Last
from api.operators.connections import BookName, Connection, Paging, fact_page
from api.operators.context import OperatorCall
from api.operators.refusals import NotFound, Refused, shown
from api.operators.scalars import JournalPosition
from ledger.kernel import errors
from ledger.kernel.clock import system_clock
from ledger.kernel.log_context import bind
from ledger.kernel.reasons import require_reason
from ledger.public_ids import parse_public, public
from ledger.tenancy.operator_sessions import ActiveSession, active_sessions, end_session
from ledger.tenancy.records import OperatorChange, OperatorSessionId


@strawberry.type(name="OperatorSession")
class OperatorSessionNode:
    """A signed-in operator."""

    id: strawberry.ID = strawberry.field(description="The id of the session, ops_….")
    subject: str = strawberry.field(description="The operator, by the identity provider's stable identifier.")
    name: str = strawberry.field(description="The operator's name, as the provider stated it.")
    roles: list[str] = strawberry.field(description="The roles that the provider stated.")
    begun_at: datetime = strawberry.field(description="The instant of the sign-in.")
    seen_at: datetime = strawberry.field(description="The instant of the newest request, to the minute.")
    expires_at: datetime = strawberry.field(description="The instant at which it ends at the latest.")


@strawberry.type(name="OperatorChange")
class OperatorChangeNode:
    """A change that a signed-in operator made."""

    action: str = strawberry.field(description="The mutation of this schema.")
    object_id: str | None = strawberry.field(description="The stored id of what it made or changed.")
    actor: str = strawberry.field(description="The operator.")
    reason: str = strawberry.field(description="The reason, in the operator's words.")
    policy: str = strawberry.field(description="The names of the policies that permitted it.")
    position: JournalPosition = strawberry.field(description="The journal position of the change.")
    recorded_at: datetime = strawberry.field(description="The instant of the change.")


@strawberry.input
class EndOperatorSessionInput:
    """The session to end."""

    session: strawberry.ID = strawberry.field(description="The session, ops_….")
    reason: str = strawberry.field(description="Your reason, which goes to the log: 1 to 500 characters.")


@strawberry.type
class EndedOperatorSession:
    """The session, which is refused from now on."""

    id: strawberry.ID = strawberry.field(description="The session.")


EndOperatorSessionResult = Annotated[
    EndedOperatorSession | Refused,
    strawberry.union("EndOperatorSessionResult", description="The session, or the reason why it was not ended."),
]


@strawberry.type
class SessionQueries:
    """Queries of operators."""

    @strawberry.field
    def me(self, info: strawberry.Info[OperatorCall, None]) -> OperatorSessionNode:
        """Your own session."""
        return _session(info.context.session)

    @strawberry.field
    def operator_sessions(self, info: strawberry.Info[OperatorCall, None]) -> list[OperatorSessionNode]:
        """Operators that are signed in, the newest first."""
        return [_session(each) for each in active_sessions(info.context.reader(), system_clock())]

    @strawberry.field
    def operator_changes(
        self,
        info: strawberry.Info[OperatorCall, None],
        book: BookName,
        *,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
    ) -> Connection[OperatorChangeNode]:
        """Every change by an operator in a book, the newest first."""
        return fact_page(info.context, book, OperatorChange, _change, paging=Paging(first, after, last, before))


@strawberry.type
class SessionMutations:
    """Mutations of sessions."""

    @strawberry.mutation
    def end_operator_session(
        self,
        info: strawberry.Info[OperatorCall, None],
        wanted: Annotated[EndOperatorSessionInput, strawberry.argument(name="input", description="The session.")],
    ) -> EndOperatorSessionResult | None:
        """End the session of an operator at once; a second call finds nothing to end."""
        call = info.context
        try:
            require_reason(wanted.reason)
            named = read_argument(("input", "session"), parse_public, "operator_session", wanted.session)
            session_id = OperatorSessionId(named)
            bind(reason=wanted.reason)
            if not call.in_work(lambda work: end_session(work, session_id)):
                return NotFound(code="NOT_FOUND", message="no such session stands; it may have ended before")
            return EndedOperatorSession(id=wanted.session)
        except errors.Refusal as refusal:
            return shown(refusal)


def _session(session: ActiveSession) -> OperatorSessionNode:
    return OperatorSessionNode(
        id=strawberry.ID(public("operator_session", session.session_id)),
        subject=session.subject,
        name=session.display_name,
        roles=sorted(session.roles),
        begun_at=session.begun_at,
        seen_at=session.seen_at,
        expires_at=session.expires_at,
    )


def _change(fact: OperatorChange) -> OperatorChangeNode:
    return OperatorChangeNode(
        action=fact.action,
        object_id=None if fact.object_id is None else str(fact.object_id),
        actor=fact.actor,
        reason=fact.reason,
        policy=fact.policy,
        position=JournalPosition(fact.seq),
        recorded_at=fact.recorded_at,
    )
