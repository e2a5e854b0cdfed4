"""Spans of statements, in sampled traces alone: by SQLAlchemy's events, so that no code on the way knows of them."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

import sqlalchemy as sa
from opentelemetry import trace
from opentelemetry.trace import SpanKind, StatusCode

_KEPT_AS: Final = "cofferdam_span"


@contextmanager
def statements_traced(tracer: trace.Tracer) -> Iterator[None]:
    """Trace the statements of all engines of this process while the block runs.

    A statement's text is ours; its values are not in it, and are not noted.
    """

    def begin(*told: Any) -> None:
        _connection, _cursor, statement, _values, context, _many = told
        if context is not None and trace.get_current_span().is_recording():
            begun = tracer.start_span("statement", kind=SpanKind.CLIENT)
            begun.set_attribute("db.system.name", "postgresql")
            begun.set_attribute("db.query.text", " ".join(statement.split()))
            setattr(context, _KEPT_AS, begun)

    def end(*told: Any) -> None:
        if (begun := getattr(told[4], _KEPT_AS, None)) is not None:
            begun.end()

    def fail(fault: Any) -> None:
        if (begun := getattr(fault.execution_context, _KEPT_AS, None)) is not None:
            begun.set_status(StatusCode.ERROR)
            begun.end()

    listened = (("before_cursor_execute", begin), ("after_cursor_execute", end), ("handle_error", fail))
    for name, listener in listened:
        sa.event.listen(sa.Engine, name, listener)
    try:
        yield
    finally:
        for name, listener in listened:
            sa.event.remove(sa.Engine, name, listener)
