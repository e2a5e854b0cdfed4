"""The exporter: sends spans over OTLP (HTTP) by OpenTelemetry's SDK, which reads its own OTEL_* variables.

It is imported only where an endpoint is set: the SDK takes a tenth of a second.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Final

from opentelemetry import trace
from opentelemetry.context import Context
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import SERVICE_NAME, SERVICE_VERSION, Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.trace import Link, SpanContext, SpanKind, StatusCode
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator
from opentelemetry.util.re import parse_env_headers

from cofferdam.tracing.statements import statements_traced
from ledger.kernel.settings import Settings
from ledger.kernel.tracing import TRACING, Attribute
from ledger.kernel.version import VERSION

_W3C: Final = TraceContextTextMapPropagator()


@contextmanager
def exporting(settings: Settings, program: str) -> Iterator[None]:
    """Send the spans of this process while the block runs, and what is left of them at its end."""
    resource = Resource.create({SERVICE_NAME: f"cofferdam-{program}", SERVICE_VERSION: VERSION})
    provider = TracerProvider(resource=resource, shutdown_on_exit=False)
    exporter = OTLPSpanExporter(
        settings.traces_url, headers=parse_env_headers(settings.trace_headers, liberal=True) or None
    )
    provider.add_span_processor(BatchSpanProcessor(exporter))
    TRACING.tracer = OtelTracer(provider)
    try:
        with statements_traced(provider.get_tracer("cofferdam.statements", VERSION)):
            yield
    finally:
        TRACING.tracer = None
        provider.shutdown()


class OtelTracer:
    """Makes spans of OpenTelemetry."""

    def __init__(self, provider: TracerProvider) -> None:
        self._tracer: Final = provider.get_tracer("cofferdam", VERSION)

    @contextmanager
    def span(self, name: str, *, traceparent: str | None = None, links: Sequence[object] = ()) -> Iterator["OtelSpan"]:
        """Begin a span; one below a caller's is a server's. No text of a fault is kept, only its kind."""
        told = [Link(each) for each in links if isinstance(each, SpanContext)]
        context = None if traceparent is None else _W3C.extract({"traceparent": traceparent}, Context())
        kind = SpanKind.INTERNAL if context is None else SpanKind.SERVER
        with self._tracer.start_as_current_span(
            name, context, kind, links=told, record_exception=False, set_status_on_exception=False
        ) as begun:
            try:
                yield OtelSpan(begun)
            except BaseException as fault:
                begun.set_attribute("error.type", type(fault).__qualname__)
                begun.set_status(StatusCode.ERROR)
                raise

    def current(self) -> SpanContext | None:
        """Return the current span as a link for others, or None if it is not sampled."""
        found = trace.get_current_span().get_span_context()
        return found if found.trace_flags.sampled else None

    def trace_id(self) -> str:
        """Return the id of the current trace in hex."""
        return trace.format_trace_id(trace.get_current_span().get_span_context().trace_id)


class OtelSpan:
    """A span of OpenTelemetry."""

    def __init__(self, begun: trace.Span) -> None:
        self._begun: Final = begun

    def set(self, key: str, value: object) -> None:
        """Set an attribute; None sets none."""
        if isinstance(value, Attribute):
            self._begun.set_attribute(key, value)
