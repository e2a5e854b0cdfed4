"""Finds links in a local lake that lead out of its root, to a location that no setting names."""

import os
from collections.abc import Iterator
from pathlib import Path

from lake.tables import Lake


def stray_links(lake: Lake, folder: str) -> Iterator[Path]:
    """Yield every link at or below a folder of the root that leads out of it; an object store has none."""
    if not lake.is_local:
        return
    root = Path(lake.url)
    for path in _links(root / folder):
        if not path.resolve().is_relative_to(root.resolve()):
            yield path


def _links(path: Path) -> Iterator[Path]:
    if path.is_symlink():
        yield path
        return
    for folder, folders, files in os.walk(path):
        yield from (here for name in (*folders, *files) if (here := Path(folder, name)).is_symlink())
