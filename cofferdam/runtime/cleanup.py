"""Clean-up: what is done after a block, so that its own failure never hides the one that mattered."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager


@contextmanager
def afterwards(clean_up: Callable[[], None]) -> Iterator[None]:
    """Clean up when the block ends. Where the block failed, a failure to clean up becomes a note of that fault."""
    try:
        yield
    except BaseException as cause:
        try:
            clean_up()
        except Exception as failure:  # noqa: BLE001  # whatever it is, the fault that came first travels on
            cause.add_note(f"and then the clean-up failed: {failure}")
        raise
    clean_up()
