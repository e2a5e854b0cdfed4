"""Clipping: bounds one person's influence, exactly, in integers."""

from collections.abc import Iterable, Sequence
from math import isqrt

from ledger.kernel.errors import require


def clip(vector: Sequence[int], limit: int) -> tuple[int, ...]:
    """Scale a non-negative vector down to an L2 norm of at most `limit`; shorter vectors stay as they are.

    Each cell becomes floor(cell * limit / norm), computed as isqrt(cell² * limit² // norm²): no rounding can exceed it.
    """
    require(limit > 0, "a limit is positive")
    require(min(vector, default=0) >= 0, "what a person did is counted from zero")
    norm_squared = sum(cell * cell for cell in vector)
    if norm_squared <= limit * limit:
        return tuple(vector)
    return tuple(isqrt(cell * cell * limit * limit // norm_squared) for cell in vector)


def clipped_total(vectors: Iterable[Sequence[int]], limit: int, width: int) -> tuple[int, ...]:
    """Return the sum of the clipped vectors, each of `width` cells; zeros if there are none."""
    total = [0] * width
    for vector in vectors:
        require(len(vector) == width, "every vector has one cell per vertical")
        for index, cell in enumerate(clip(vector, limit)):
            total[index] += cell
    return tuple(total)
