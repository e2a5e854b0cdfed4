"""The cyclic garbage collector: told to run rarely where rows and answers are made by the thousand."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

_OBJECTS_BETWEEN_COLLECTIONS: Final = 1_000_000


@contextmanager
def rare_collections() -> Iterator[None]:
    """Let it run rarely while the block lasts: rows make no cycles, and it takes a third of the time to find none."""
    before = gc.get_threshold()
    gc.set_threshold(_OBJECTS_BETWEEN_COLLECTIONS, *before[1:])
    try:
        yield
    finally:
        gc.set_threshold(*before)
