"""Orders for facts that are not money: recorded in the next batch of the book, under the lock that it holds anyway."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from uuid import UUID

from ledger.journal.journal import Draft, OpenBatch
from ledger.kernel.ids import BookId
from ledger.kernel.work import Work


@dataclass(frozen=True, slots=True)
class FactOrder:
    """An order for facts; `drafts` returns them under the lock of the book's head.

    So `drafts` can look something up by key, and it still holds when the facts are written. Limit it to such a lookup,
    because transfers wait meanwhile. It returns nothing if nothing is left to record, and raises a `Refusal` if the
    facts would be wrong by now. `about` identifies the subject of the facts: two orders about one subject never share a
    batch, so that the second sees the result of the first.
    """

    drafts: Callable[[Work, OpenBatch], Sequence[Draft]]
    about: UUID | None = None


Recording = Callable[[BookId, FactOrder], object]
"""A function that records facts in a book and returns once they are durable, such as a committer that is waited for."""


def stated(*drafts: Draft) -> FactOrder:
    """Order facts that are right whatever the book holds."""
    return FactOrder(lambda _work, _batch: drafts)
