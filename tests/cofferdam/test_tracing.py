"""A trace leads from a partner's request to the position of its fact, and by that to the Delta commit."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.trace.v1.trace_pb2 import Span

from ledger.kernel.settings import Settings
from tests.api.conftest import POST
from tests.cofferdam.processes import beside, free_port, open_shop, status, until

TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"
CALLER = "00f067aa0ba902b7"
READING = POST.replace("groupId", "debitAccount { id }")
"""A posting whose answer needs a statement."""


@contextmanager
def otlp_receiver() -> Iterator[tuple[str, list[Span]]]:
    """A collector that keeps the spans which it is sent: its address, and the spans."""
    spans: list[Span] = []

    class Receiver(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            told = ExportTraceServiceRequest.FromString(body)
            spans.extend(span for each in told.resource_spans for scope in each.scope_spans for span in scope.spans)
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_told: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Receiver) as server:
        threading.Thread(target=server.serve_forever).start()
        yield f"http://127.0.0.1:{server.server_port}", spans
        server.shutdown()


def _attributes(span: Span) -> dict[str, object]:
    return {each.key: getattr(each.value, each.value.WhichOneof("value")) for each in span.attributes}


def _named(spans: list[Span], name: str) -> list[Span]:
    return [each for each in spans if each.name == name]


@pytest.mark.slow
def test_from_a_request_to_its_batch_and_to_the_delta_commit(engine, settings: Settings):
    shop, port = open_shop(engine, settings), free_port()
    with otlp_receiver() as (endpoint, spans):
        told = {"OTEL_EXPORTER_OTLP_ENDPOINT": endpoint, "OTEL_BSP_SCHEDULE_DELAY": "100"}
        environ = settings.child_environ() | told
        serve = ("serve", "--port", str(port), "--workers", "1")
        with beside(environ, *serve), beside(environ, "stream"):
            until(lambda: status(port, "/health") == 200)
            debit, credit = shop.open_accounts(port, "cash-of-jane", "wallet-of-jane")
            amount = {"amountMinor": "424242", "currency": "USD"}
            transfer = {"debitAccount": debit, "creditAccount": credit, "amount": amount, "code": "payment"}
            traced = {"traceparent": f"00-{TRACE}-{CALLER}-01"}
            answer = shop.ask(port, READING, traced, input={"transfers": [transfer]}, key="one")
            position = _position(engine)
            until(lambda: any(_reaches(each, position) for each in _named(spans, "delta commit")))
            until(lambda: any(each.trace_id.hex() == TRACE for each in _named(spans, "POST")))

    ours = [each for each in spans if each.trace_id.hex() == TRACE]
    (request,) = _named(ours, "POST")
    (execution,), (waiting,) = _named(ours, "execute"), _named(ours, "wait for commit")
    (batch,) = [each for each in _named(spans, "commit batch") if TRACE in {link.trace_id.hex() for link in each.links}]
    assert answer.headers["x-request-id"] == TRACE
    assert request.parent_span_id.hex() == CALLER
    assert _attributes(request)["cofferdam.position"] == position
    assert _attributes(request)["cofferdam.book"] == shop.book_id
    assert _attributes(request)["http.response.status_code"] == 200
    assert execution.parent_span_id == request.span_id
    assert waiting.parent_span_id == execution.span_id
    assert [link.span_id for link in batch.links] == [waiting.parent_span_id]
    assert _reaches(batch, position)
    assert _named(ours, "statement")
    assert not any(
        secret in each.SerializeToString() for each in spans for secret in (b"jane", b"424242", shop.key.encode())
    )


def _position(engine) -> int:
    """The position of the transfer."""
    with engine.connect() as connection:
        return connection.exec_driver_sql("SELECT seq FROM transfers WHERE amount_minor = 424242").scalar_one()


def _reaches(span: Span, position: int) -> bool:
    found = _attributes(span)
    return found.get("cofferdam.first_position", position + 1) <= position <= found.get("cofferdam.position", 0)
