"""GraphQL over HTTP for any caller: reads a request, executes it under the limits, and shows its result or refusal.

Each endpoint says who asks, by which schema, and under which role of the database.
"""

import asyncio
import random
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Mapping
from functools import partial
from typing import Any, Final, NamedTuple

import orjson
from graphql import ExecutionResult, GraphQLError, OperationType
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from api.bodies import discard_body
from api.compression import coded_answer
from api.environments import environment_headers
from api.errors import BrokenInside, note, told, told_alone
from api.execution.documents import DocumentRefused, UnknownOperation
from api.execution.executor import Asked, OperationNotAllowed, Prepared
from api.graphql.executable_schema import ExecutableSchema
from api.headers import IndexedRequest
from api.limits.admission import Admission
from api.limits.buckets import Charge
from api.limits.headers import cost_extension, rate_limit_headers
from api.limits.refusals import CostTooHigh, LimitExceeded
from api.media_types import GRAPHQL_JSON, JSON
from api.request_metrics import PLAN_CACHE, count_error
from api.requests import BadRequest, NotAcceptable, Operation, TooSlow, WrongMethod, accepted
from api.statuses import headers_of, status_of
from ledger.kernel.errors import Refusal
from ledger.kernel.ids import PartnerId
from ledger.kernel.tracing import TRACING
from ledger.kernel.waiting import run_waiting

ANSWERED: Final = frozenset({OperationType.QUERY, OperationType.MUTATION})
"""The operations with one answer."""

_READING: Final = frozenset({OperationType.QUERY, OperationType.SUBSCRIPTION})

_REFUSED_SECONDS: Final = (0.15, 0.35)


_HEADERS: Final[Mapping[str, Mapping[str, str]]] = {
    each: {"Cache-Control": "no-store", "Content-Type": f"{each}; charset=utf-8"} for each in (JSON, GRAPHQL_JSON)
}
"""The headers of every answer of a media type."""


class Answer(NamedTuple):
    """An HTTP answer: its status, JSON body, and headers."""

    status: int
    body: dict[str, Any]
    headers: dict[str, str]
    is_plain_query: bool = False
    """True for a query without an error: no text of the request is in the answer but its aliases."""


class Executed(NamedTuple):
    """The result of an operation, and what it was charged if it was let in."""

    result: ExecutionResult
    charge: Charge | None = None
    is_query: bool = False


class GraphQLEndpoint(ABC):
    """Answers GraphQL requests over HTTP; `respond` says who asks and executes what is asked."""

    def __init__(self, admission: Admission) -> None:
        self._admission: Final = admission

    @abstractmethod
    async def respond(self, request: Request, media_type: str) -> Answer:
        """Authenticate the caller, execute the operation, and return its answer. Raises a `Refusal`."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one POST, as an ASGI application."""
        request = IndexedRequest(scope, receive)
        answer = await self._answered(request)
        body = _coded(answer, request)
        headers = [*_encoded(answer.headers), (b"content-length", str(len(body)).encode())]
        await send({"type": "http.response.start", "status": answer.status, "headers": headers})
        await send({"type": "http.response.body", "body": body})

    async def answer(self, request: Request) -> Response:
        """Return the answer to one request."""
        answer = await self._answered(request)
        return Response(_coded(answer, request), answer.status, answer.headers)

    async def prepare(
        self, operation: Operation, caller_id: PartnerId, schema: ExecutableSchema, allowed: frozenset[OperationType]
    ) -> Prepared:
        """Prepare the document; one that is not known takes milliseconds, in which others have their turns."""
        text, name = operation.query, operation.operation_name
        allowed = allowed if operation.may_change else allowed & _READING
        admission = self._admission
        try:
            prepared = schema.known(text, name, allowed=allowed)
            PLAN_CACHE.of("miss" if prepared is None else "hit").add()
            if prepared is not None:
                return prepared
            cost = admission.take_document(caller_id, len(text))
            async with admission.turn(caller_id, cost, is_query=True):
                return await run_waiting(partial(schema.prepare, text, name, allowed=allowed))
        except UnknownOperation:
            raise BadRequest("operationName names no operation of the document, or the document has several") from None
        except OperationNotAllowed as refused:
            if refused.kind is OperationType.SUBSCRIPTION:
                raise NotAcceptable(
                    "a subscription is a stream: ask for it with Accept: text/event-stream, or over a WebSocket"
                ) from None
            raise WrongMethod("a GET only reads; send mutations by POST") from None

    async def in_turn(
        self,
        operation: Operation,
        caller_id: PartnerId,
        schema: ExecutableSchema,
        permit: Callable[[Prepared], Callable[[Asked], ExecutionResult]],
    ) -> Executed:
        """Execute the operation in its caller's turn; `permit` authorizes it, and returns what executes it."""
        admission = self._admission
        try:
            prepared = await self.prepare(operation, caller_id, schema, ANSWERED)
            execute = permit(prepared)
            asked = schema.ask(prepared, operation.variables)
            charge = admission.take(caller_id, schema.cost(asked))
        except DocumentRefused as refused:
            return Executed(ExecutionResult(None, refused.errors))
        except CostTooHigh as refused:
            await _pause_before_refusal()
            return Executed(ExecutionResult(None, [GraphQLError(str(refused), original_error=refused)]))
        is_query = prepared.document.operation.operation is OperationType.QUERY
        async with admission.turn(caller_id, charge.requested, is_query=is_query):
            with TRACING.span("execute"):
                result = await run_waiting(execute, asked)
        return Executed(result, charge, is_query=is_query)

    def shown(self, executed: Executed, request: Request, media_type: str) -> Answer:
        """Return the answer for a result, with what it was charged."""
        answer = _shown(executed.result, media_type, request.state.request_id)
        if executed.charge is None:
            return answer
        allowance = self._admission.allowance
        answer.body["extensions"]["cost"] = cost_extension(allowance, executed.charge)
        headers = rate_limit_headers(allowance, executed.charge.available)
        is_plain_query = executed.is_query and not executed.result.errors
        return Answer(answer.status, answer.body, headers, is_plain_query=is_plain_query)

    async def _answered(self, request: Request) -> Answer:
        request_id: str = request.state.request_id
        media_type = JSON
        try:
            media_type = accepted(request.headers)
            answer = await self.respond(request, media_type)
        except Refusal as refusal:
            if not isinstance(refusal, TooSlow):
                await discard_body(request)
            if isinstance(refusal, LimitExceeded):
                await _pause_before_refusal()
            answer = Answer(status_of(refusal), told_alone(refusal, request_id), headers_of(refusal))
        except ClientDisconnect:
            raise
        except Exception as fault:  # noqa: BLE001  # the edge: a bug becomes an answer, and a line in the log
            note(fault)
            broken = BrokenInside("something went wrong on our side; it is noted under the request id")
            answer = Answer(500, told_alone(broken, request_id), {})
        for error in answer.body.get("errors", ()):
            count_error(error["extensions"]["code"])
        answer.headers.update({**_HEADERS[media_type], **environment_headers(request)})
        return answer


async def _pause_before_refusal() -> None:
    """Wait before a limit is answered: a client that sends again at once would be answered as fast as it can send.

    The time is random, so that clients that were refused together do not come back together.
    """
    await asyncio.sleep(random.uniform(*_REFUSED_SECONDS))  # noqa: S311  # no secret


def _coded(answer: Answer, request: Request) -> bytes:
    """Return the body of an answer, compressed where that is fitting; add the headers that say so."""
    body, coding = coded_answer(orjson.dumps(answer.body), request.headers, is_plain_query=answer.is_plain_query)
    answer.headers.update(coding)
    return body


def _encoded(headers: Mapping[str, str]) -> Iterable[tuple[bytes, bytes]]:
    return ((name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in headers.items())


def _shown(result: ExecutionResult, media_type: str, request_id: str) -> Answer:
    """Return the answer for a result; without `data`, only the newer media type reports the failure by its status."""
    body: dict[str, Any] = {"extensions": {"requestId": request_id}}
    errors = result.errors or []
    if errors:
        body["errors"] = [told(error, request_id) for error in errors]
    if result.data is None and all(error.path is None for error in errors):
        internal = any(error["extensions"]["code"] == "INTERNAL" for error in body["errors"])
        status = 500 if internal else 400 if media_type == GRAPHQL_JSON else 200
        return Answer(status, body, {})
    return Answer(200, {"data": result.data, **body}, {})
