"""Pages: the slice of a list between two of its keys, read from its beginning or from its end."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Generic, NamedTuple, TypeVar

from ledger.kernel.money import MINOR_MAX

_K = TypeVar("_K")
_R = TypeVar("_R")


class Bounds(NamedTuple, Generic[_K]):
    """A slice as a query reads it: keys above and below, the direction, and how many."""

    above: _K | None
    below: _K | None
    is_descending: bool
    limit: int


@dataclass(frozen=True, slots=True)
class Slice(Generic[_K]):
    """Up to `limit` rows of a list after one key and before another: the first of them, or the last.

    The keys are those of rows, so that rows inserted meanwhile move no other row to another page.
    """

    after: _K | None = None
    before: _K | None = None
    limit: int = 20
    is_from_end: bool = False

    @property
    def with_one_more(self) -> "Slice[_K]":
        """The slice with one more row, which tells if there are others behind it."""
        return replace(self, limit=self.limit + 1)

    def bounds(self, *, is_descending: bool) -> Bounds[_K]:
        """Return the bounds in a list whose keys rise, or fall if it `is_descending`."""
        above, below = (self.before, self.after) if is_descending else (self.after, self.before)
        return Bounds(above, below, is_descending != self.is_from_end, self.limit)

    def in_order(self, rows: Sequence[_R]) -> list[_R]:
        """Return rows that were read in the direction of the bounds in the order of the list."""
        return list(reversed(rows)) if self.is_from_end else list(rows)


def position_bounds(span: Bounds[int]) -> dict[str, object]:
    """Return the bounds of a slice by position as the values `above`, `below` and `limit` of a query."""
    below = MINOR_MAX if span.below is None else span.below
    return {"above": span.above or 0, "below": below, "limit": span.limit}
