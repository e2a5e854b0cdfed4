"""What every fact of the journal has: its position and the instant of its batch."""

from datetime import datetime
from typing import Annotated

from ledger.kernel.ids import BookId
from ledger.kernel.record import Col, Record, record


@record
class Fact(Record):
    """Something the ledger accepted, at one position of one book."""

    book_id: Annotated[BookId, Col("The book whose journal holds it.", key=True, bits=32)]
    seq: Annotated[int, Col("Its position in the journal of the book: dense, in commit order.", key=True)]
    recorded_at: Annotated[datetime, Col("When its batch was recorded; strictly rising from batch to batch.")]
