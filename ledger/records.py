"""Every record of the ledger, found by its place: the module or package `records` of each context.

A record is stored, guarded, streamed and described because it is declared there, and for no other reason.
"""

from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Final

import ledger
from ledger.kernel.record import Fact, Record


def _declared() -> Iterator[type[Record]]:
    (folder,) = map(Path, ledger.__path__)
    for path in (*folder.glob("*/records.py"), *folder.glob("*/records/*.py")):
        name = ".".join(("ledger", *path.relative_to(folder).with_suffix("").parts)).removesuffix(".__init__")
        for each in vars(import_module(name)).values():
            if isinstance(each, type) and issubclass(each, Record) and each.__module__ == name:
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
