"""Places: bound the streams that each partner has at once, in one process."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from api.limits.refusals import TooManyStreams
from ledger.kernel.ids import PartnerId


class Places:
    """At most `each` places of every partner; they belong to one event loop."""

    def __init__(self, each: int, name: str) -> None:
        """Take the name of what has a place, in the plural."""
        self._each, self._name = each, name
        self._taken: Final[Counter[PartnerId]] = Counter()

    @contextmanager
    def one(self, partner_id: PartnerId) -> Iterator[None]:
        """Take a place while the block runs. Raises `TooManyStreams`."""
        if self._taken[partner_id] >= self._each:
            raise TooManyStreams(f"you have {self._each:,} {self._name} here already; end some of them first")
        self._taken[partner_id] += 1
        try:
            yield
        finally:
            self._taken[partner_id] -= 1
            if not self._taken[partner_id]:
                del self._taken[partner_id]
