"""Links in a local lake that lead out of its root, where rows of a book would lie in a place that no setting names."""

import os
from collections.abc import Iterator
from pathlib import Path

from lake.tables import Lake


def stray_links(lake: Lake, folder: str) -> Iterator[Path]:
    """Every link at or below a folder of the root that leads out of it; none in an object store, which has no links."""
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
