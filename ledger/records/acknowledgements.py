"""Acknowledgements: what the ledger was told of the lake."""

from datetime import datetime
from typing import Annotated

from ledger.kernel.ids import BookId
from ledger.kernel.record import Col, Record, record


@record
class AcknowledgedWatermark(Record):
    """The newest watermark of a book as the ledger was told of it: a lake that is lost or put back is noticed by it."""

    TABLE = "acknowledged_watermarks"
    IN_LAKE = False
    book_id: Annotated[BookId, Col("The book.", key=True, bits=32)]
    seq: Annotated[int, Col("All facts up to this position were in the lake.")]
    chain_hash: Annotated[bytes, Col("Hash of the batch that ends there.")]
    versions: Annotated[str, Col("JSON object: the Delta version that each table had, by its name.")]
    acknowledged_at: Annotated[datetime, Col("When the stream said so.")]
