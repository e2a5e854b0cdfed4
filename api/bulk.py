"""Bulk posting over HTTP: takes transfers as Arrow or Parquet columns, and answers with an outcome per row in Arrow."""

import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import anyio
import anyio.to_thread
import orjson
import pyarrow as pa
import sqlalchemy as sa
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response

from api.access.authorization import require_allowed
from api.auth import presented
from api.authorization import POLICIES
from api.bodies import discard_body, read_body
from api.compression import is_packed
from api.context import ordinals_told
from api.environments import environment_headers, environment_of
from api.errors import BrokenInside, note, store_refusal
from api.graphql.results import SAYS
from api.limits.fair_queue import FairQueue
from api.request_metrics import count_error
from api.requests import BadRequest, TooLarge, TooSlow, UnsupportedMediaType
from api.resources import Resources
from api.statuses import headers_of, status_of
from lake.columns.arrow_columns import PlainColumns, arrow_batch, arrow_fields, open_columns
from ledger.book.bulks.bulk import Sender
from ledger.book.bulks.columns import COLUMNS
from ledger.book.judging.orders import TransferOrder
from ledger.book.judging.results import Outcome, Result, ResultKind
from ledger.book.posting.committer import BATCH_ORDERS_MAX
from ledger.flows.bulk import OUTCOMES, BulkPosting
from ledger.journal.partner_heads import ordinals
from ledger.journal.position_tokens import token_of
from ledger.kernel.errors import Refusal
from ledger.kernel.ids import PartnerId
from ledger.kernel.work import Reader, read
from ledger.public_ids import public
from ledger.tenancy.api_keys import Principal

ARROW_STREAM: Final = "application/vnd.apache.arrow.stream"
PARQUET: Final = "application/vnd.apache.parquet"
PROBLEM: Final = "application/problem+json"

BODY_BYTES_MAX: Final = 64 * 1024 * 1024
ROWS_MAX: Final = 100_000
UNPACKED_BYTES_MAX: Final = 256 * 1024 * 1024
"""The most memory that a body may take unpacked: a compressed one can expand a thousandfold."""

_AT_ONCE: Final = 4
"""The number of bulks that are processed at once: each may take several hundred MB."""

_AT_ONCE_EACH: Final = 2
_BODIES: Final = 64
_BODIES_EACH: Final = 4
"""The number of bodies that are read at once, and of one partner."""

_LASTING: Final = frozenset(each.value for each in Result if each.kind is ResultKind.LASTING)
_BODY_SECONDS: Final = 60
_ACTIONS: Final = frozenset({"postTransfers"})
_SHOWN: Final = {**OUTCOMES, "position": str}
_NOT_STORED: Final = {"Cache-Control": "no-store"}


@dataclass(frozen=True, slots=True)
class _Problem:
    """A refused bulk: a problem document (RFC 9457) with its status and headers."""

    status: int
    refusal: Refusal
    headers: dict[str, str]


class BulkEndpoint:
    """Answers bulk requests on one ledger, and posts through the process's committers beside all other requests."""

    def __init__(self, resources: Resources) -> None:
        self._resources: Final = resources
        self._bodies = FairQueue(at_once=_BODIES, at_once_each=_BODIES_EACH, waiting_each=_BODIES_EACH)
        self._turns = FairQueue(at_once=_AT_ONCE, at_once_each=_AT_ONCE_EACH, waiting_each=_BODIES_EACH)

    async def post(self, request: Request) -> Response:
        """Post the rows of the body for the partner of the key."""
        request_id: str = request.state.request_id
        try:
            _require_media_type(request)
            principal = await self._principal(request)
            async with self._bodies.turn(principal.partner_id):  # a slow body takes nobody's turn to post
                body = await _body(request)
            async with self._turns.turn(principal.partner_id):
                outcomes = await anyio.to_thread.run_sync(self._posted, body, principal)
        except Refusal as refusal:
            if not isinstance(refusal, TooSlow):
                await discard_body(request)
            return _shown(_problem(refusal), request_id, environment_headers(request))
        except ClientDisconnect:
            raise
        except Exception as fault:  # noqa: BLE001  # the edge: a bug becomes an answer, and a line in the log
            note(fault)
            broken = BrokenInside("something went wrong on our side; it is noted under the request id")
            return _shown(_Problem(500, broken, {}), request_id, environment_headers(request))
        return Response(outcomes, 200, {**_NOT_STORED, **environment_headers(request)}, ARROW_STREAM)

    async def _principal(self, request: Request) -> Principal:
        """Return the caller, once it has paid for a bulk."""
        principal = await self._resources.principal(presented(request))
        request.state.environment = environment_of(principal)
        require_allowed(POLICIES.decide_all(principal.scopes, _ACTIONS))
        self._resources.admission.take_bulk(principal.partner_id)
        return principal

    def _posted(self, body: bytes, principal: Principal) -> bytes:
        """Post the rows and return their outcomes as an Arrow stream; reads the whole body before it posts anything."""
        batches = _batches(body)
        sender = Sender(principal.book_id, principal.partner_id, public("api_key", principal.api_key_id))
        resources = self._resources
        tokens = _Tokens(resources, principal)
        posting = BulkPosting(resources.engine, tokens.post, sender, vault=resources.vault, says=SAYS)
        answer = io.BytesIO()
        with pa.ipc.new_stream(answer, arrow_fields(_SHOWN)) as stream:
            for columns in batches:
                try:
                    outcomes = posting.post(columns)
                    positions = tokens.of(outcomes["position"])
                except sa.exc.DBAPIError as fault:
                    raise store_refusal(fault) from fault
                self._charge(principal.partner_id, outcomes["result"])
                stream.write_batch(arrow_batch({**outcomes, "position": positions}, _SHOWN))
        return answer.getvalue()

    def _charge(self, partner_id: PartnerId, results: Sequence[str]) -> None:
        """Charge the rows, and those that stay in the journal although they were refused."""
        admission = self._resources.admission
        admission.charge_rows(partner_id, len(results))
        admission.charge_refusals(partner_id, sum(map(_LASTING.__contains__, results)))


class _Tokens:
    """The tokens of the positions at which a partner's rows are recorded."""

    def __init__(self, resources: Resources, principal: Principal) -> None:
        self._resources, self._principal = resources, principal
        self._ordinals: dict[int, int] = {}

    def post(self, orders: Sequence[TransferOrder]) -> list[Outcome]:
        """Post orders, and keep what their outcomes tell of their tokens."""
        outcomes = self._resources.committers.post(self._principal.book_id, orders)
        self._ordinals.update(ordinals_told(orders, outcomes))
        return outcomes

    def of(self, positions: Sequence[int | None]) -> list[str | None]:
        """Return the token of each position; those that were recorded before are read."""
        if missing := {each for each in positions if each is not None} - self._ordinals.keys():
            with read(self._resources.engine) as reader:
                own = Reader(reader.connection, self._principal.partner_id)
                self._ordinals.update(ordinals(own, self._principal.book_id, missing))
        return [None if each is None else token_of(self._ordinals[each]) for each in positions]


def _require_media_type(request: Request) -> None:
    media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if is_packed(request.headers) is not False:
        raise UnsupportedMediaType("send the rows without Content-Encoding: Arrow and Parquet compress their columns")
    if media_type not in (ARROW_STREAM, PARQUET):
        raise UnsupportedMediaType(f"send the rows as Content-Type: {ARROW_STREAM} or {PARQUET}")


async def _body(request: Request) -> bytes:
    too_large = TooLarge(f"a bulk has at most {BODY_BYTES_MAX:,} bytes; send it in several")
    with anyio.move_on_after(_BODY_SECONDS):
        return await read_body(request, BODY_BYTES_MAX, too_large)
    raise TooSlow(f"the body did not arrive within {_BODY_SECONDS} seconds; send it in several bulks")


def _batches(body: bytes) -> list[PlainColumns]:
    """Split the rows into batches of at most `BATCH_ORDERS_MAX` orders, without splitting a group."""
    too_many = TooLarge(f"a bulk has at most {ROWS_MAX:,} rows; send them in several")
    source = open_columns(body, COLUMNS)
    if source.unpacked_bytes is None:
        raise BadRequest("this is an Arrow file; send it as a stream, with pyarrow.ipc.new_stream")
    if source.unpacked_bytes > UNPACKED_BYTES_MAX:
        raise TooLarge(f"a bulk takes at most {UNPACKED_BYTES_MAX:,} bytes unpacked; send it in several")
    if source.rows is not None and source.rows > ROWS_MAX:
        raise too_many
    batches: list[PlainColumns] = []
    rows = 0
    for columns in source.batches(BATCH_ORDERS_MAX, whole="group"):
        batches.append(columns)
        rows += len(next(iter(columns.values()), ()))
        if rows > ROWS_MAX:
            raise too_many
    return batches


def _problem(refusal: Refusal) -> _Problem:
    return _Problem(status_of(refusal), refusal, headers_of(refusal))


def _shown(problem: _Problem, request_id: str, environment: Mapping[str, str]) -> Response:
    count_error(problem.refusal.code)
    told: dict[str, Any] = {
        "type": "about:blank",
        "status": problem.status,
        "code": problem.refusal.code.upper(),
        "detail": str(problem.refusal),
        "requestId": request_id,
    }
    return Response(orjson.dumps(told), problem.status, {**_NOT_STORED, **problem.headers, **environment}, PROBLEM)
