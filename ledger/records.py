"""Every record of the ledger, found by location: the module or package `records` of each context."""

from collections.abc import Iterator
from typing import Final

import ledger
from ledger.kernel.discovery import modules
from ledger.kernel.record import Fact, Record


def _declared() -> Iterator[type[Record]]:
    for module in modules(ledger, "*/records.py", "*/records/*.py"):
        for each in vars(module).values():
            if isinstance(each, type) and issubclass(each, Record) and each.__module__ == module.__name__:
                yield each


RECORDS: Final[tuple[type[Record], ...]] = tuple(sorted(_declared(), key=lambda record: record.TABLE))
"""Every record, by the name of its table."""

FACTS: Final[tuple[type[Fact], ...]] = tuple(
    record for record in RECORDS if issubclass(record, Fact) and record.IS_LEAF
)
"""Every record that takes a position of its own, and is a leaf of the hash chain."""

STREAMED: Final[tuple[type[Record], ...]] = (
    *FACTS,
    *(record for record in RECORDS if record.IN_LAKE and record not in FACTS),
)
"""Every record that reaches the lake: the facts, and the batches that chain them."""
