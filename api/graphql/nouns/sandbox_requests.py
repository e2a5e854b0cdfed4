"""The requests of test keys in the schema: listed for 30 days, and replayed."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from enum import Enum
from typing import Annotated, Any, Final
from uuid import UUID

import orjson
import strawberry

from api.context import Call
from api.graphql.columns import BOOK, Shown
from api.graphql.connections import After, Before, Connection, First, Last, page
from api.graphql.cursors import cursors_by_id
from api.graphql.loaders import loaded_once, position
from api.graphql.nodes import Finder, Node
from api.graphql.scalars import Position
from ledger.public_ids import public
from ledger.sandboxes.records import RequestOutcome, SandboxRequest, SandboxRequestId
from ledger.sandboxes.request_listing import RequestFilter, requests, requests_page
from ledger.sandboxes.request_log import open_asked

SHOWN: Final = {
    SandboxRequest: Shown(
        ("SandboxRequest",),
        {
            "sandbox_request_id": "id",
            "document_sha256": "document_id",
            "asked": "document",
            "duration_us": "duration_micros",
            "has_secrets": "is_replayable",
        },
        {"book_id": BOOK, "partner_id": "it is always the caller"},
    )
}

_CURSORS: Final = cursors_by_id("sandboxRequests", SandboxRequestId)


@strawberry.enum
class SandboxRequestOutcome(Enum):
    """Outcome of a request."""

    DONE = strawberry.enum_value("done", description="It was answered without a refusal.")
    REFUSED = strawberry.enum_value("refused", description="A mutation of it was refused, by a type of its result.")
    FAILED = strawberry.enum_value("failed", description="It had an error: a document, a limit, a fault of ours.")


@strawberry.type(name="SandboxRequest")
class SandboxRequestNode(Node):
    """A request that was sent with a test key. It is kept for 30 days."""

    asked_at: datetime = strawberry.field(description="The instant at which it arrived, in real time.")
    request_id: str = strawberry.field(description="The `requestId` of its answer.")
    api_key_id: strawberry.ID = strawberry.field(description="The test key that it was sent with, key_…")
    operation_name: str | None = strawberry.field(description="The name of its operation; null if it has none.")
    operation_type: str | None = strawberry.field(
        description="Kind of its operation, query or mutation; null if it was not executed."
    )
    document_id: str = strawberry.field(description="The id of its document, `sha256:…`, as for trusted documents.")
    document: str | None = strawberry.field(description="Its document; null if it was not executed.")
    variables: str | None = strawberry.field(
        description="Its variables as JSON, with *** in place of secret texts; null if it was not executed."
    )
    status: int = strawberry.field(description="The HTTP status of its answer.")
    outcome: SandboxRequestOutcome = strawberry.field(description="What became of it.")
    codes: list[str] = strawberry.field(description="The codes of its refusals and errors.")
    duration_micros: int = strawberry.field(description="How long it took, in microseconds.")
    position: Position | None = strawberry.field(description="The newest position that it recorded at.")
    is_replayable: bool = strawberry.field(
        description="True if it can be replayed: it was executed, and no secret text was left out of it."
    )
    key: strawberry.Private[SandboxRequestId]


@strawberry.type
class SandboxRequestQueries:
    """Queries of the requests of test keys."""

    @strawberry.field
    def sandbox_requests(
        self,
        info: strawberry.Info[Call, None],
        *,
        asked_from: Annotated[datetime | None, strawberry.argument(description="Only those from then on.")] = None,
        asked_until: Annotated[datetime | None, strawberry.argument(description="Only those before.")] = None,
        operation_name: Annotated[str | None, strawberry.argument(description="Only this operation.")] = None,
        outcome: Annotated[SandboxRequestOutcome | None, strawberry.argument(description="Only these.")] = None,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
    ) -> Connection[SandboxRequestNode]:
        """Log of the requests of your test keys, the newest first; a new one is listed within a second."""
        call, piece = info.context, _CURSORS.slice(first, after, last, before)
        wanted = None if outcome is None else RequestOutcome(str(outcome.value))
        which = RequestFilter(asked_from, asked_until, operation_name, wanted)
        found = loaded_once(
            call,
            ("sandbox requests", piece, which),
            lambda: requests_page(call.reader(), call.book_id, piece.with_one_more, which),
        )
        return page(_shown(call, found), lambda node: _CURSORS.write(node.key), piece, as_of=position(call))


def _requests(call: Call, ids: Sequence[UUID]) -> dict[UUID, SandboxRequestNode]:
    found = requests(call.reader(), call.book_id, [SandboxRequestId(each) for each in ids])
    return dict(zip(found, _shown(call, list(found.values())), strict=True))


def _shown(call: Call, found: Sequence[SandboxRequest]) -> list[SandboxRequestNode]:
    asked = open_asked(call.vault, found)
    return [_node(each, said) for each, said in zip(found, asked, strict=True)]


def _node(found: SandboxRequest, asked: Mapping[str, Any] | None) -> SandboxRequestNode:
    return SandboxRequestNode(
        id=strawberry.ID(public("sandbox_request", found.sandbox_request_id)),
        asked_at=found.asked_at,
        request_id=found.request_id,
        api_key_id=strawberry.ID(public("api_key", found.api_key_id)),
        operation_name=found.operation_name,
        operation_type=found.operation_type,
        document_id=f"sha256:{found.document_sha256.hex()}",
        document=None if asked is None else asked["query"],
        variables=None if asked is None else orjson.dumps(asked["variables"]).decode(),
        status=found.status,
        outcome=SandboxRequestOutcome(found.outcome),
        codes=found.codes.split(),
        duration_micros=found.duration_us,
        position=None if found.position is None else Position(found.position),
        is_replayable=asked is not None and not found.has_secrets,
        key=found.sandbox_request_id,
    )


NODES: Final[Mapping[str, Finder]] = {"sandbox_request": _requests}
