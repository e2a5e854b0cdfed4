"""Orders for facts that are not money: recorded in the next batch of the book, under the lock that it holds anyway."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from uuid import UUID

from ledger.journal.journal import Draft, OpenBatch
from ledger.kernel.ids import BookId
from ledger.kernel.work import Work


@dataclass(frozen=True, slots=True)
class FactOrder:
    """Facts that are asked for; `drafts` gives them under the lock of the book's head.

    So `drafts` can look a thing up by its key and be sure that it is still so when the facts are written. Keep it to
    such a lookup, for transfers wait meanwhile. It gives nothing where nothing is left to record, and raises a
    `Refusal` where the facts would not be right any more. `about` is the thing that the facts are about: two orders
    about one thing never share a batch, so that the second one sees what the first one left.
    """

    drafts: Callable[[Work, OpenBatch], Sequence[Draft]]
    about: UUID | None = None


Recording = Callable[[BookId, FactOrder], object]
"""Whatever records facts in a book and returns once they are durable, such as a committer that is waited for."""


def stated(*drafts: Draft) -> FactOrder:
    """Facts that are right whatever the book holds."""
    return FactOrder(lambda _work, _batch: drafts)
