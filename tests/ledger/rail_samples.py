"""Real messages and files of payment networks and banks, which lie beside the repository; tests skip without them."""

from collections.abc import Sequence
from pathlib import Path
from typing import Final

import pytest

_ROOT: Final = Path(__file__).parents[2]
_PLACES: Final = (_ROOT / "../shared/data/rails", _ROOT / "../../shared/data/rails")


def rail_samples(folder: str, *patterns: str) -> Sequence[Path]:
    """Return the sample files of a folder, or skip the test that asks for them."""
    found = [path for place in _PLACES for pattern in patterns for path in sorted(place.glob(f"{folder}/{pattern}"))]
    if not found:
        pytest.skip(f"../shared/data/rails has no {folder} here")
    return found
