"""Test keys in the schema: a partner creates its own, and with the first one its sandbox."""

from datetime import datetime
from typing import Annotated, Final

import strawberry

from api.context import Call
from api.graphql import refusals
from api.graphql.answers import Success
from api.graphql.mistakes import Mistakes
from api.graphql.scalars import Position
from api.graphql.validation import IdempotencyKey
from ledger.journal import journal
from ledger.kernel import errors
from ledger.kernel.texts import checked_text
from ledger.kernel.work import Work
from ledger.sandboxes.errors import LiveOnly
from ledger.sandboxes.sandboxes import issue_test_key, settle_sandbox

_REASON: Final = "the partner asked"


@strawberry.input
class CreateTestKeyInput:
    """The test key to create."""

    label: str | None = strawberry.field(default=None, description="A name by which you find it again.")
    scopes: list[str] = strawberry.field(
        default_factory=lambda: ["read", "write"], description="Its rights: read, write, reveal."
    )
    expires_at: datetime | None = strawberry.field(
        default=None, description="Refuse it from then on, in real time. Absent: it has no end."
    )


@strawberry.type
class CreatedTestKey(Success):
    """The key works from now on, in your sandbox alone."""

    test_key: str | None = strawberry.field(
        description="The key, `cdk_test_…`: in this answer alone. Null in the answer to a resend; then create another."
    )


CreateTestKeyResult = Annotated[
    CreatedTestKey
    | refusals.WrongEnvironment
    | refusals.InvalidInput
    | refusals.IdempotencyConflict
    | refusals.Unavailable,
    strawberry.union("CreateTestKeyResult", description="The test key, or the reason why there is none."),
]


@strawberry.type
class TestKeyMutations:
    """Mutations of test keys."""

    @strawberry.mutation
    def create_test_key(
        self,
        info: strawberry.Info[Call, None],
        wanted: Annotated[CreateTestKeyInput, strawberry.argument(name="input", description="The key.")],
        idempotency_key: IdempotencyKey,
    ) -> CreateTestKeyResult | None:
        """Create a test key. The first one opens your sandbox: a book of its own, apart from all live money."""
        call = info.context
        made: list[str] = []

        def do(work: Work) -> int:
            text = issue_test_key(
                work,
                call.book_id,
                call.principal.partner_id,
                pepper=call.pepper,
                scopes=" ".join(wanted.scopes),
                label=wanted.label,
                expires_at=wanted.expires_at,
                reason=_REASON,
            )
            made.append(text)
            return journal.head(work.connection, call.book_id).last_seq + 1  # the answer itself: nothing else is live

        try:
            mistakes = Mistakes()
            mistakes.read("idempotencyKey", checked_text, "idempotencyKey", idempotency_key)
            mistakes.refuse()
            if call.principal.is_test:
                raise LiveOnly("a test key creates no keys; use a live key")
            done = call.once(idempotency_key, _content(wanted), do)
            call.blocking(lambda engine: settle_sandbox(engine, call.principal.partner_id))
            return CreatedTestKey(
                test_key=None if done.is_replay else made[-1], position=Position(done.seq), is_replay=done.is_replay
            )
        except errors.Refusal as refusal:
            return refusals.shown_of_sandbox(refusal, "input")


def _content(wanted: CreateTestKeyInput) -> dict[str, object]:
    return {
        "createTestKey": wanted.label,
        "scopes": list(wanted.scopes),
        "expiresAt": None if wanted.expires_at is None else wanted.expires_at.isoformat(),
    }
