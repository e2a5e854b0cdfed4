"""A search for secrets in bytes: as they are written, and as JSON, hexadecimal digits, base64 or UTF-16 have them."""

import base64
import json
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

import pyarrow.parquet as pq


class Leak(NamedTuple):
    """A secret that was found, by its name, and the place."""

    secret: str
    place: str


def leaks(secrets: Mapping[str, str], places: Iterable[tuple[str, bytes]]) -> set[Leak]:
    """Return the secrets that are found, and where."""
    forms = {name: _forms(text) for name, text in secrets.items()}
    return {
        Leak(name, place)
        for place, raw in places
        for name, written in forms.items()
        if any(form in raw for form in written)
    }


def files(folder: Path) -> Iterator[tuple[str, bytes]]:
    """Yield every file below a folder as it is, and every cell of a Parquet file, whose pages are compressed."""
    for path in sorted(folder.rglob("*")):
        if path.is_file() and not path.is_symlink():
            name = str(path.relative_to(folder))
            yield name, path.read_bytes().rstrip(b"\0")  # the log is as long before anything is in it
            if path.suffix == ".parquet":
                rows = pq.ParquetFile(path).read().to_pylist()
                yield f"{name} (cells)", json.dumps(rows, default=str, ensure_ascii=False).encode()


def _forms(text: str) -> set[bytes]:
    """Return a text in the forms in which a program might have written it."""
    raw = text.encode()
    return {
        raw,
        json.dumps(text)[1:-1].encode(),
        raw.hex().encode(),
        raw.hex().upper().encode(),
        text.encode("utf-16-le"),
        *map(_inner_base64, (raw, b"\0" + raw, b"\0\0" + raw), (0, 2, 3)),
    }


def _inner_base64(raw: bytes, skipped: int) -> bytes:
    """Return the digits that depend on the text alone, whatever stands around it."""
    whole = len(raw) * 8 // 6
    return base64.b64encode(raw)[skipped:whole]
