"""Clean-up after a block, whose own failure never hides the failure of the block."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager


@contextmanager
def afterwards(clean_up: Callable[[], None]) -> Iterator[None]:
    """Clean up when the block ends. If the block failed, a failed clean-up becomes a note on its exception."""
    try:
        yield
    except BaseException as cause:
        try:
            clean_up()
        except Exception as failure:  # noqa: BLE001  # the first exception is raised, with this one as a note
            cause.add_note(f"and then the clean-up failed: {failure}")
        raise
    clean_up()
