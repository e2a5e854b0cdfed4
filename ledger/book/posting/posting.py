"""Posting: whatever posts orders; and posting once, through a writer that is made for one batch and forgotten after."""

from collections.abc import Callable, Sequence
from typing import NamedTuple

import sqlalchemy as sa

from ledger.book.judging.orders import TransferOrder
from ledger.book.judging.results import Outcome
from ledger.book.posting.writer import BookWriter
from ledger.kernel.clock import Clock, system_clock
from ledger.kernel.ids import BookId

Posting = Callable[[Sequence[TransferOrder]], Sequence[Outcome]]
"""Whatever posts orders: a writer's `post`, or a committer whose answer is waited for."""


class Posted(NamedTuple):
    """Orders that a use case came to, and what became of each, in the same order."""

    orders: Sequence[TransferOrder]
    outcomes: Sequence[Outcome]


def post(
    engine: sa.Engine, book_id: BookId, orders: Sequence[TransferOrder], *, clock: Clock = system_clock
) -> list[Outcome]:
    """Post the orders as one batch, durably; one outcome each, in the same order. Who posts often keeps a `BookWriter`.

    Raises `Unavailable` when the store fails: sending the same orders again settles what became of them.
    """
    return BookWriter(engine, book_id, clock=clock).post(orders)
