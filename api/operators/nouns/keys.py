"""Changes of API keys in the operators' schema: issued, rotated and revoked; a text is in the first answer alone."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Annotated, Final, TypeVar
from uuid import UUID

import strawberry

from api.graphql.arguments import read_argument
from api.operators.changes import Change, IdempotencyKey, requested
from api.operators.context import OperatorCall
from api.operators.nouns.partners import partner_id_of
from api.operators.refusals import Refused, shown
from api.operators.scalars import JournalPosition
from ledger.kernel import errors
from ledger.kernel.ids import BookId
from ledger.kernel.work import Work
from ledger.public_ids import parse_public, public
from ledger.sandboxes.sandboxes import issue_test_key, settle_sandbox
from ledger.tenancy.api_keys import issue, key_id_of, revoke
from ledger.tenancy.key_listing import key_book_id
from ledger.tenancy.key_rotation import OVERLAP, rotate
from ledger.tenancy.operator_changes import OperatorRequest
from ledger.tenancy.records import ApiKeyId

_T = TypeVar("_T")
_HOURS: Final = OVERLAP // timedelta(hours=1)


@strawberry.input
class IssueApiKeyInput:
    """The key to issue."""

    book: str = strawberry.field(description="The book, by its name.")
    partner: str = strawberry.field(description="The partner, by its reference or its id par_….")
    reason: str = strawberry.field(description="Your reason, which is recorded: 1 to 500 characters.")
    scopes: list[str] = strawberry.field(default_factory=lambda: ["read", "write"], description="Its rights.")
    label: str | None = strawberry.field(default=None, description="A name by which you find it again.")
    expires_at: datetime | None = strawberry.field(default=None, description="Refuse it from then on.")
    addresses: list[str] = strawberry.field(default_factory=list, description="Accept it from these networks only.")
    is_test: bool = strawberry.field(
        default=False,
        description="Make it a test key: it reaches only the partner's sandbox, which the first one opens.",
    )


@strawberry.input
class RotateApiKeyInput:
    """The key to replace by a successor with the same terms."""

    book: str = strawberry.field(description="The book, by its name.")
    api_key: strawberry.ID = strawberry.field(description="The key, key_….")
    reason: str = strawberry.field(description="Your reason, which is recorded: 1 to 500 characters.")
    overlap_hours: int = strawberry.field(default=_HOURS, description="Accept the old key for so many hours more.")
    expires_at: datetime | None = strawberry.field(default=None, description="Refuse the successor from then on.")


@strawberry.input
class RevokeApiKeyInput:
    """The key to revoke."""

    book: str = strawberry.field(description="The book, by its name.")
    api_key: strawberry.ID = strawberry.field(description="The key, key_….")
    reason: str = strawberry.field(description="Your reason, which is recorded: 1 to 500 characters.")


@strawberry.type
class IssuedApiKey(Change):
    """A new key, which works from now on."""

    id: strawberry.ID = strawberry.field(description="Its id, key_….")
    text: str | None = strawberry.field(
        description="The key itself, in this answer alone; null in a replay: then revoke it, and issue another one."
    )


@strawberry.type
class RevokedApiKey(Change):
    """The key, which is refused from now on."""

    id: strawberry.ID = strawberry.field(description="Its id, key_….")


IssueApiKeyResult = Annotated[
    IssuedApiKey | Refused,
    strawberry.union("IssueApiKeyResult", description="The new key, or the reason why there is none."),
]
RevokeApiKeyResult = Annotated[
    RevokedApiKey | Refused,
    strawberry.union("RevokeApiKeyResult", description="The revoked key, or the reason why it was not revoked."),
]


@strawberry.type
class ApiKeyMutations:
    """Mutations of API keys."""

    @strawberry.mutation
    def issue_api_key(
        self,
        info: strawberry.Info[OperatorCall, None],
        wanted: Annotated[IssueApiKeyInput, strawberry.argument(name="input", description="The key.")],
        idempotency_key: IdempotencyKey,
    ) -> IssueApiKeyResult | None:
        """Issue an API key to a partner; the answer has its text, which is stored nowhere."""
        call = info.context
        try:
            request = requested(call, "issueApiKey", wanted, idempotency_key)
            partner_id = partner_id_of(call, request.book_id, wanted.partner)

            issue_one = issue_test_key if wanted.is_test else issue

            def make(work: Work) -> str:
                return issue_one(
                    work,
                    request.book_id,
                    partner_id,
                    pepper=call.stores.pepper,
                    scopes=" ".join(wanted.scopes),
                    label=wanted.label,
                    expires_at=wanted.expires_at,
                    addresses=" ".join(wanted.addresses) or None,
                    reason=wanted.reason,
                )

            issued = _issued(call, request, make)
            if wanted.is_test:
                call.blocking(lambda: settle_sandbox(call.stores.engine, partner_id))
        except errors.Refusal as refusal:
            return shown(refusal)
        return issued

    @strawberry.mutation
    def rotate_api_key(
        self,
        info: strawberry.Info[OperatorCall, None],
        wanted: Annotated[RotateApiKeyInput, strawberry.argument(name="input", description="The key.")],
        idempotency_key: IdempotencyKey,
    ) -> IssueApiKeyResult | None:
        """Issue the successor of an API key; both are accepted for a while."""
        call = info.context
        try:
            request = requested(call, "rotateApiKey", wanted, idempotency_key)
            key_id, overlap = _key_id(wanted.api_key), timedelta(hours=wanted.overlap_hours)

            def make(work: Work) -> str:
                _require_of_book(work, request.book_id, key_id)
                made = rotate(
                    work,
                    key_id,
                    pepper=call.stores.pepper,
                    overlap=overlap,
                    expires_at=wanted.expires_at,
                    reason=wanted.reason,
                )
                return _found(made, wanted.api_key)

            return _issued(call, request, make)
        except errors.Refusal as refusal:
            return shown(refusal)

    @strawberry.mutation
    def revoke_api_key(
        self,
        info: strawberry.Info[OperatorCall, None],
        wanted: Annotated[RevokeApiKeyInput, strawberry.argument(name="input", description="The key.")],
        idempotency_key: IdempotencyKey,
    ) -> RevokeApiKeyResult | None:
        """Revoke an API key: it is refused at once, and so is every token that stands for it."""
        call = info.context
        try:
            request = requested(call, "revokeApiKey", wanted, idempotency_key)
            key_id = _key_id(wanted.api_key)

            def end(work: Work) -> UUID:
                _require_of_book(work, request.book_id, key_id)
                _found(revoke(work, key_id, reason=wanted.reason) or None, wanted.api_key)
                return key_id

            done = call.change(request, end)
            return RevokedApiKey(position=JournalPosition(done.seq), is_replay=done.is_replay, id=wanted.api_key)
        except errors.Refusal as refusal:
            return shown(refusal)


def _issued(call: OperatorCall, request: OperatorRequest, make: Callable[[Work], str]) -> IssuedApiKey:
    """Make a key once, and return it with its text if it was made now."""
    texts: list[str] = []

    def do(work: Work) -> UUID:
        texts.append(make(work))
        return key_id_of(texts[-1])

    done = call.change(request, do)
    assert done.object_id is not None, "an issued key has an id"
    return IssuedApiKey(
        position=JournalPosition(done.seq),
        is_replay=done.is_replay,
        id=strawberry.ID(public("api_key", done.object_id)),
        text=None if done.is_replay else texts[-1],
    )


def _key_id(text: str) -> ApiKeyId:
    return ApiKeyId(read_argument(("input", "apiKey"), parse_public, "api_key", text))


def _require_of_book(work: Work, book_id: BookId, key_id: ApiKeyId) -> None:
    """Raise `NotFound` unless a key is of the book under whose lock it is changed."""
    if key_book_id(work.connection, key_id) != book_id:
        raise errors.NotFound(f"the book has no API key {public('api_key', key_id)}")


def _found(result: _T | None, key: str) -> _T:
    if result is None:
        raise errors.NotFound(f"{key} works no longer: it was revoked, or has expired")
    return result
