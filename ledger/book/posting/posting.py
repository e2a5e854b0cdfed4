"""Posting: the type of a function that posts orders, and `post` for a single batch with a writer of its own."""

from collections.abc import Callable, Sequence
from typing import NamedTuple

import sqlalchemy as sa

from ledger.book.judging.orders import TransferOrder
from ledger.book.judging.results import Outcome
from ledger.book.posting.writer import BookWriter
from ledger.kernel.clock import Clock, system_clock
from ledger.kernel.ids import BookId

Posting = Callable[[Sequence[TransferOrder]], Sequence[Outcome]]
"""A function that posts orders: a writer's `post`, or a committer whose answer is waited for."""


class Posted(NamedTuple):
    """The orders of a use case and their outcomes, in the same order."""

    orders: Sequence[TransferOrder]
    outcomes: Sequence[Outcome]


def post(
    engine: sa.Engine, book_id: BookId, orders: Sequence[TransferOrder], *, clock: Clock = system_clock
) -> list[Outcome]:
    """Post the orders as one durable batch, and return one outcome each, in order. To post often, keep a `BookWriter`.

    Raises `Unavailable` if the store fails: sending the same orders again shows whether they were posted.
    """
    return BookWriter(engine, book_id, clock=clock).post(orders)
