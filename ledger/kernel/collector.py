"""The cyclic garbage collector: made to run rarely while thousands of rows are created, and briefly in a server."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

_OBJECTS_BETWEEN_COLLECTIONS: Final = 1_000_000
_OBJECTS_OF_A_SERVER: Final = 20_000
"""Those of a few hundred requests: a collection of them takes a millisecond, and their garbage a few MB."""


@contextmanager
def rare_collections() -> Iterator[None]:
    """Make it run rarely while the block lasts: rows make no cycles, and looking for them takes a third of the time."""
    before = gc.get_threshold()
    gc.set_threshold(_OBJECTS_BETWEEN_COLLECTIONS, *before[1:])
    try:
        yield
    finally:
        gc.set_threshold(*before)


@contextmanager
def brief_collections() -> Iterator[None]:
    """Leave what exists now out of collections while the block lasts, and collect what comes often.

    A server's modules are most of its objects, and are never garbage. Its requests leave cycles, which would grow the
    process if they were collected rarely.
    """
    before = gc.get_threshold()
    gc.collect()
    gc.freeze()
    gc.set_threshold(_OBJECTS_OF_A_SERVER, *before[1:])
    try:
        yield
    finally:
        gc.set_threshold(*before)
        gc.unfreeze()
