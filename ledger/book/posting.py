"""Posting once: a batch through a lane that remembers nothing before and is forgotten after."""

from collections.abc import Sequence

import sqlalchemy as sa

from ledger.book.lane import Lane
from ledger.book.orders import TransferOrder
from ledger.book.results import Outcome
from ledger.kernel.clock import Clock, system_clock
from ledger.kernel.ids import BookId


def post(
    engine: sa.Engine, book_id: BookId, orders: Sequence[TransferOrder], *, clock: Clock = system_clock
) -> list[Outcome]:
    """Post the orders as one batch, durably; one outcome each, in the same order. Who posts often keeps a `Lane`.

    Raises `Unavailable` when the store fails: sending the same orders again settles what became of them.
    """
    return Lane(engine, book_id, clock=clock).post(orders)
