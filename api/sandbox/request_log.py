"""Keeps the requests of test keys: a queue that no request waits for, and a thread that seals, stores and deletes."""

import hashlib
import queue
import time
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from http import HTTPStatus
from typing import Any, Final, NamedTuple

import orjson
import sqlalchemy as sa
from graphql import GraphQLSchema
from starlette.requests import ClientDisconnect

from api.access_log import CLIENT_CLOSED_REQUEST
from api.errors import note
from api.requests import Operation
from api.sandbox.secret_variables import without_secrets
from api.statuses import status_of
from ledger.kernel.background import BackgroundThread
from ledger.kernel.clock import Clock, system_clock
from ledger.kernel.errors import Refusal
from ledger.kernel.ids import BookId, PartnerId, new_id
from ledger.kernel.log_context import bound_fields
from ledger.kernel.metrics import Counter
from ledger.kernel.work import begin
from ledger.sandboxes.records import RequestOutcome, SandboxRequest, SandboxRequestId
from ledger.sandboxes.request_log import delete_requests, seal_asked, store_requests
from ledger.tenancy.api_keys import Principal
from ledger.vault.vault import Vault

LOGGED_REQUESTS: Final = Counter(
    "cofferdam_sandbox_requests_total",
    "Requests of test keys by what became of their log entries.",
    outcome=("kept", "dropped"),
)

_ACTOR: Final = "request log"
_BROKEN: Final = 500
_WAITING_MAX: Final = 2_000
_AT_ONCE: Final = 200
_PAUSE_SECONDS: Final = 0.2
_SWEEP_EVERY: Final = timedelta(hours=1)


class Asked(NamedTuple):
    """A request as it arrived: who asks, the operation, the schema, the id in its answer, and its own in the log."""

    principal: Principal
    operation: Operation
    schema: GraphQLSchema
    request_id: str
    sandbox_request_id: SandboxRequestId


@dataclass(frozen=True, slots=True)
class Entry:
    """A request that was answered: who asked what, when, and what became of it; `schema` is that of its version.

    Name and type of the operation are None if its document was not executed.
    """

    principal: Principal
    operation: Operation
    schema: GraphQLSchema
    operation_name: str | None
    operation_type: str | None
    asked_at: datetime
    request_id: str
    sandbox_request_id: SandboxRequestId
    status: int
    outcome: RequestOutcome
    codes: Sequence[str]
    duration_us: int
    position: int | None


class AnsweredRequest:
    """A request while it is answered, as a context: when the block ends, its entry is complete, and is kept.

    A refusal that ends the block is its answer; so is any other error, as one of ours.
    """

    def __init__(self, keep: Callable[[Entry], None], asked_at: datetime, asked: Asked) -> None:
        self._keep, self._asked_at, self._asked = keep, asked_at, asked
        self._began = time.perf_counter_ns()
        self._status, self._codes = _BROKEN, ["INTERNAL"]

    def __enter__(self) -> None:
        return None

    def __exit__(self, _kind: object, fault: BaseException | None, _at: object) -> None:
        if isinstance(fault, Refusal):
            self._status, self._codes = status_of(fault), [fault.code.upper()]
        elif isinstance(fault, ClientDisconnect):
            self._status, self._codes = CLIENT_CLOSED_REQUEST, []
        fields = bound_fields()
        refusals = str(fields.get("refusals") or "").split()
        failed = bool(self._codes) or self._status != HTTPStatus.OK
        outcome = RequestOutcome.FAILED if failed else RequestOutcome.REFUSED if refusals else RequestOutcome.DONE
        entry = Entry(
            **self._asked._asdict(),
            operation_name=_text(fields.get("operation")),
            operation_type=_text(fields.get("operation_type")),
            asked_at=self._asked_at,
            status=self._status,
            outcome=outcome,
            codes=[*refusals, *self._codes],
            duration_us=(time.perf_counter_ns() - self._began) // 1_000,
            position=position if isinstance(position := fields.get("position"), int) else None,
        )
        self._keep(entry)

    def answered(self, status: int, body: Mapping[str, Any]) -> None:
        """Note the answer: its status, and the codes of its errors."""
        self._status, self._codes = status, [str(each["extensions"]["code"]) for each in body.get("errors", ())]


class Unkept:
    """A request that is not kept: its context does nothing, and costs nothing."""

    def __enter__(self) -> None:
        return None

    def __exit__(self, *_fault: object) -> None:
        return None

    def answered(self, status: int, body: Mapping[str, Any]) -> None:
        """Note nothing."""


_UNKEPT: Final = Unkept()


class RequestLog(BackgroundThread):
    """Stores entries within a moment, in a thread of its own; `close` stores what waits.

    An entry is dropped, and counted, if too many wait or the store fails: a log never holds up or fails a request.
    """

    def __init__(self, engine: sa.Engine, vault: Vault, *, clock: Clock = system_clock) -> None:
        self._engine, self._vault, self._clock = engine, vault, clock
        self._waiting: Final[queue.Queue[Entry]] = queue.Queue(_WAITING_MAX)
        super().__init__("request-log")

    def add(self, entry: Entry) -> None:
        """Have an entry stored, unless too many wait; never waits itself."""
        try:
            self._waiting.put_nowait(entry)
        except queue.Full:
            LOGGED_REQUESTS.of("dropped").add()

    def begun(
        self, principal: Principal, operation: Operation, schema: GraphQLSchema, request_id: str
    ) -> "AnsweredRequest | Unkept":
        """Return the context of a request that is answered now; that of a live key is kept nowhere."""
        if not principal.is_test:
            return _UNKEPT
        asked = Asked(principal, operation, schema, request_id, SandboxRequestId(new_id()))
        return AnsweredRequest(self.add, self._clock(), asked)

    def store(self) -> int:
        """Store entries that wait, up to some hundred, and return how many there were."""
        entries = self._taken()
        if not entries:
            return 0
        try:
            by_partner: dict[tuple[BookId, PartnerId], list[Entry]] = defaultdict(list)
            for each in entries:
                by_partner[each.principal.book_id, each.principal.partner_id].append(each)
            rows = [row for own in by_partner.values() for row in self._rows(own)]
            with begin(self._engine, actor=_ACTOR, clock=self._clock) as work:
                store_requests(work, rows)
        except Exception as fault:  # noqa: BLE001  # the edge: a bug or an outage loses these entries, and nothing else
            note(fault, "keeping requests of test keys")
            LOGGED_REQUESTS.of("dropped").add(len(entries))
        else:
            LOGGED_REQUESTS.of("kept").add(len(entries))
        return len(entries)

    def sweep(self) -> int:
        """Delete the entries whose time has passed, and return how many there were."""
        total = 0
        while True:
            with begin(self._engine, actor=_ACTOR, clock=self._clock) as work:
                deleted = delete_requests(work)
            if not deleted:
                return total
            total += deleted

    def _run(self) -> None:
        swept_at: datetime | None = None
        while not self._ended.wait(_PAUSE_SECONDS):
            self.store()
            now = self._clock()
            if swept_at is None or now - swept_at > _SWEEP_EVERY:
                swept_at = now
                try:
                    self.sweep()
                except sa.exc.SQLAlchemyError:
                    continue  # the store is unavailable: they are deleted an hour later
        while self.store():
            pass

    def _taken(self) -> list[Entry]:
        entries: list[Entry] = []
        while len(entries) < _AT_ONCE:
            try:
                entries.append(self._waiting.get_nowait())
            except queue.Empty:
                break
        return entries

    def _rows(self, entries: Sequence[Entry]) -> list[SandboxRequest]:
        """Return the rows of entries of one partner, with what they asked sealed."""
        principal = entries[0].principal
        asked = [_asked(each) for each in entries]
        texts = [orjson.dumps(each).decode() for each in asked if each is not None]
        sealed = iter(seal_asked(self._vault, principal.book_id, principal.partner_id, texts))
        return [
            _row(entry, None if each is None else next(sealed), has_secrets=_has_secrets(entry, each))
            for entry, each in zip(entries, asked, strict=True)
        ]


def _text(field: object) -> str | None:
    return field if isinstance(field, str) else None


def _asked(entry: Entry) -> dict[str, Any] | None:
    """Return what to keep of an operation; None if it was not executed: then its texts may be anything."""
    operation = entry.operation
    if entry.operation_type is None:
        return None
    variables = operation.variables or {}
    kept = without_secrets(entry.schema, operation.query, operation.operation_name, variables) if variables else {}
    return {"query": operation.query, "operationName": operation.operation_name, "variables": kept}


def _has_secrets(entry: Entry, asked: dict[str, Any] | None) -> bool:
    sent = entry.operation.variables or {}
    return asked is not None and any(value != sent[name] for name, value in asked["variables"].items())


def _row(entry: Entry, asked: str | None, *, has_secrets: bool) -> SandboxRequest:
    principal, operation = entry.principal, entry.operation
    return SandboxRequest(
        book_id=principal.book_id,
        sandbox_request_id=entry.sandbox_request_id,
        partner_id=principal.partner_id,
        api_key_id=principal.api_key_id,
        asked_at=entry.asked_at,
        request_id=entry.request_id,
        operation_name=entry.operation_name,
        operation_type=entry.operation_type,
        document_sha256=hashlib.sha256(operation.query.encode()).digest(),
        asked=asked,
        has_secrets=has_secrets,
        status=entry.status,
        outcome=entry.outcome,
        codes=" ".join(entry.codes),
        duration_us=entry.duration_us,
        position=entry.position,
    )
