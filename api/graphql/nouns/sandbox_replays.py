"""The mutation that replays a request of a test key, under a new idempotency key or under its old one."""

from collections.abc import Mapping
from typing import Annotated, Any

import orjson
import strawberry
from graphql import ArgumentNode, StringValueNode, VariableNode, Visitor, parse, print_ast, visit

from api.context import Call
from api.graphql import refusals
from api.graphql.answers import Success
from api.graphql.mistakes import Mistakes
from api.graphql.scalars import Position
from api.graphql.validation import IdempotencyKey
from api.requests import Operation
from ledger.kernel import errors
from ledger.kernel.texts import checked_text
from ledger.public_ids import parse_public
from ledger.sandboxes.errors import SandboxOnly
from ledger.sandboxes.records import SandboxRequestId
from ledger.sandboxes.request_listing import request_named
from ledger.sandboxes.request_log import open_asked


@strawberry.input
class ReplayRequestInput:
    """The request to send again."""

    sandbox_request: strawberry.ID = strawberry.field(description="The request, req_…")
    keeps_key: bool = strawberry.field(
        default=False,
        description="True: under its old idempotency key, so that you get its first answer again and nothing is done "
        "twice. False: under the `idempotencyKey` of this mutation, so that all of it is done anew.",
    )


@strawberry.type
class ReplayedRequest(Success):
    """The request was executed again; what it answered is in `answer`, refusals and errors too."""

    answer: str = strawberry.field(description="Its answer as JSON: `data`, and `errors` if there are any.")


ReplayRequestResult = Annotated[
    ReplayedRequest
    | refusals.NotFound
    | refusals.WrongEnvironment
    | refusals.InvalidInput
    | refusals.IdempotencyConflict
    | refusals.Unavailable,
    strawberry.union("ReplayRequestResult", description="The new answer, or the reason why it was not sent again."),
]


@strawberry.type
class SandboxReplayMutations:
    """Mutations that replay requests of test keys."""

    @strawberry.mutation
    def replay_request(
        self,
        info: strawberry.Info[Call, None],
        wanted: Annotated[ReplayRequestInput, strawberry.argument(name="input", description="The request.")],
        idempotency_key: IdempotencyKey,
    ) -> ReplayRequestResult | None:
        """Send a request of your test keys again, with the rights of the key of this request, and at its cost."""
        call = info.context
        try:
            mistakes = Mistakes()
            mistakes.read("idempotencyKey", checked_text, "idempotencyKey", idempotency_key)
            named = mistakes.at("input").read("sandboxRequest", parse_public, "sandbox_request", wanted.sandbox_request)
            mistakes.refuse()
            if not call.principal.is_test:
                raise SandboxOnly("requests of live keys are not kept; use a test key")
            asked = _asked(call, SandboxRequestId(named))
            query, variables = asked["query"], dict(asked["variables"])
            if not wanted.keeps_key:
                query = _under_key(query, variables, idempotency_key)
            answer = call.repeat(Operation(query, variables, asked["operationName"], may_change=True))
            return ReplayedRequest(answer=orjson.dumps(answer).decode(), position=Position(call.position()))
        except errors.NotFound as refusal:
            return refusals.shown_of_named(refusal, "input", "sandboxRequest")
        except errors.Refusal as refusal:
            return refusals.shown_of_sandbox(refusal, "input", "sandboxRequest")


def _asked(call: Call, request_id: SandboxRequestId) -> Mapping[str, Any]:
    """Return what a request asked. Raises `NotFound`, and `InvalidInput` if it cannot be sent again."""
    found = request_named(call.reader(), call.book_id, request_id)
    (asked,) = open_asked(call.vault, [found])
    if asked is None:
        raise errors.InvalidInput("this request was not executed, so that nothing of it is kept; send it yourself")
    if found.has_secrets:
        raise errors.InvalidInput("a secret text was left out of this request, as none is kept; send it yourself")
    return asked


class _Keys(Visitor):
    """Puts a new idempotency key in place of each; the variables that hold one are changed where they are."""

    def __init__(self, variables: dict[str, Any], key: str) -> None:
        super().__init__()
        self._variables, self._key, self._count = variables, key, 0

    def enter_argument(self, node: ArgumentNode, *_where: object) -> ArgumentNode | None:
        """Change an argument."""
        if node.name.value != "idempotencyKey":
            return None
        self._count += 1
        key = self._key if self._count == 1 else f"{self._key}:{self._count}"
        if isinstance(node.value, VariableNode):
            self._variables[node.value.name.value] = key
            return None
        return ArgumentNode(name=node.name, value=StringValueNode(value=key))


def _under_key(query: str, variables: dict[str, Any], key: str) -> str:
    """Return a document with a new idempotency key: of several mutations, the first has it, and others add a number."""
    return print_ast(visit(parse(query, no_location=True), _Keys(variables, key)))
