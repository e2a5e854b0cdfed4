"""Rails: formats of payment networks read and written, each beside a reference on the same bytes."""

from collections.abc import Callable, Iterator
from typing import Final

from bench import ach, iso20022
from bench.figures import Figure

_FORMATS: Final[tuple[Callable[[str], Iterator[Figure]], ...]] = (ach.run, iso20022.run)
"""One module for each format; none of them needs a database."""


def run(server_url: str) -> Iterator[Figure]:
    """Measure every format."""
    for measured in _FORMATS:
        yield from measured(server_url)
