"""Delivery into a folder: each file under a temporary name, durable, then renamed; what is there already stays."""

import hashlib
import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Final
from urllib.parse import unquote, urlsplit

from ledger.exports.records import ExportDestination
from pipelines.exports.transports.deliverable import Deliverable, DeliveryFault

_BLOCK: Final = 1 << 20


def deliver(deliverable: Deliverable, to: ExportDestination, _credential: str | None) -> str:
    """Deliver a deliverable, and return the receipt. Raises `DeliveryFault`."""
    target = Path(unquote(urlsplit(to.address).path)) / deliverable.name
    try:
        target.mkdir(parents=True, exist_ok=True)
        for name, digest in deliverable.digests.items():
            if not _is_there(target / name, digest):
                put(deliverable.folder / name, target / name)
        _sync(target)
        return deliverable.require_same(lambda name: _blocks(target / name))
    except OSError as fault:
        raise DeliveryFault(f"{target}: {fault}") from fault


def put(source: Path, target: Path) -> None:
    """Put a file in its place: under a temporary name first, then durable, then renamed."""
    part = target.with_name(f".{target.name}.part")
    part.unlink(missing_ok=True)
    shutil.copyfile(source, part)
    _sync(part)
    part.replace(target)


def _is_there(path: Path, digest: str) -> bool:
    if not path.exists():
        return False
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest() == digest


def _blocks(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while block := file.read(_BLOCK):
            yield block


def _sync(path: Path) -> None:
    opened = os.open(path, os.O_RDONLY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)
