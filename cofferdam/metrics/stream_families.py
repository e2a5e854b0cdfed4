"""The metrics of a stream worker: declared where they are counted, and listed here."""

from typing import Final

from lake.delta.commits import DELTA_COMMIT_DURATION
from ledger.kernel.metrics import AnyMetric
from pipelines.stream.metrics import PUBLICATION_DURATION, STREAM_FAULTS, STREAMED_ROWS

STREAM_METRICS: Final[tuple[AnyMetric, ...]] = (
    PUBLICATION_DURATION,
    STREAMED_ROWS,
    STREAM_FAULTS,
    DELTA_COMMIT_DURATION,
)
"""The metrics that a stream worker counts."""
