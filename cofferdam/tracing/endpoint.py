"""The endpoint for traces: imports OpenTelemetry's SDK where an endpoint for traces is set, and nothing elsewhere."""

from contextlib import AbstractContextManager, nullcontext
from importlib import import_module

from ledger.kernel.settings import Settings


def traced(settings: Settings, program: str) -> AbstractContextManager[None]:
    """Send the spans of this process while the block runs, if the settings have an endpoint."""
    if not settings.traces_url:
        return nullcontext()
    exporting: AbstractContextManager[None] = import_module("cofferdam.tracing.exporter").exporting(settings, program)
    return exporting
