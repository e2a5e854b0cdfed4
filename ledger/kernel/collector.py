"""The cyclic garbage collector: made to run rarely while thousands of rows or answers are created."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

_OBJECTS_BETWEEN_COLLECTIONS: Final = 1_000_000


@contextmanager
def rare_collections() -> Iterator[None]:
    """Make it run rarely while the block lasts: rows make no cycles, and looking for them takes a third of the time."""
    before = gc.get_threshold()
    gc.set_threshold(_OBJECTS_BETWEEN_COLLECTIONS, *before[1:])
    try:
        yield
    finally:
        gc.set_threshold(*before)
