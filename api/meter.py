"""The meter: looks once a second at what is in use in this process, and how late the event loop is."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

from api.resources import Resources
from ledger.kernel.metrics import DURATIONS, Gauge, Histogram

EVENT_LOOP_LAG: Final = Histogram(
    "cofferdam_event_loop_lag_seconds",
    "Time by which a timer of the event loop came late, looked at once a second.",
    bounds=DURATIONS,
)
CONNECTIONS: Final = Gauge(
    "cofferdam_database_connections_in_use",
    "Connections to PostgreSQL that are in use, by pool, at the last look.",
    pool=("changes", "snapshots", "keys", "single_reads"),
)

_LOOK_SECONDS: Final = 1.0


@asynccontextmanager
async def metered(resources: Resources) -> AsyncIterator[None]:
    """Look while the block runs."""
    looking = asyncio.get_running_loop().create_task(_look(resources))
    try:
        yield
    finally:
        looking.cancel()


async def _look(resources: Resources) -> None:
    loop = asyncio.get_running_loop()
    while True:
        due = loop.time() + _LOOK_SECONDS
        await asyncio.sleep(_LOOK_SECONDS)
        EVENT_LOOP_LAG.of().observe(max(0, int((loop.time() - due) * 1e9)))
        resources.admission.measure()
        for pool, in_use in resources.connections_in_use().items():
            CONNECTIONS.of(pool).set(in_use)
