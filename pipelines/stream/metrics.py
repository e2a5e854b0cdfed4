"""The metrics of the stream worker."""

from typing import Final

from ledger.kernel.metrics import DURATIONS, Counter, Histogram

PUBLICATION_DURATION: Final = Histogram(
    "cofferdam_stream_publication_duration_seconds",
    "Time from a book's journal to a published watermark: reading, one Delta commit per table, and the publication.",
    bounds=DURATIONS,
)
STREAMED_ROWS: Final = Counter("cofferdam_stream_rows_total", "Rows of the journal that were brought into the lake.")
STREAM_FAULTS: Final = Counter("cofferdam_stream_faults_total", "Faults after which a book was opened anew.")
