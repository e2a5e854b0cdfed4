"""Deliverables: the files of an export in the order of their delivery, the manifest and its signature last."""

import hashlib
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import NamedTuple

from ledger.kernel.errors import InvalidInput
from pipelines.exports.contents import MANIFEST, SIGNATURE, digests_in
from pipelines.exports.manifest import read_manifest


class DeliveryFault(Exception):
    """An attempt that failed; `is_final` if another one would fail as well until somebody changes something."""

    def __init__(self, text: str, *, is_final: bool = False) -> None:
        super().__init__(text)
        self.is_final = is_final


class Deliverable(NamedTuple):
    """The folder of an export, its name at the destination, and the SHA-256 (hex) of each file in order.

    A recipient who finds the signature has all of it: it comes last.
    """

    folder: Path
    name: str
    digests: dict[str, str]

    def require_same(self, read_back: Callable[[str], Iterable[bytes]]) -> str:
        """Compare what the destination holds with what was sent, and return the receipt. Raises `DeliveryFault`."""
        for name, digest in self.digests.items():
            found = hashlib.sha256()
            for block in read_back(name):
                found.update(block)
            if found.hexdigest() != digest:
                raise DeliveryFault(f"{name} has other bytes at the destination than were sent")
        return self.receipt

    @property
    def receipt(self) -> str:
        """The receipt: the number of files that were read back, and the digest of the manifest among them."""
        return f"{len(self.digests)} files read back, manifest {self.digests[MANIFEST]}"


def deliverable_of(folder: Path, manifest_hash: bytes, name: str) -> Deliverable:
    """Return the deliverable of an export's folder, after every file was held against the manifest that was recorded.

    Raises `InvalidInput` if a file is missing or was changed: what was not signed is never delivered.
    """
    try:
        manifest = (folder / MANIFEST).read_bytes()
        if hashlib.sha256(manifest).digest() != manifest_hash:
            raise InvalidInput(f"{folder} has another manifest than was recorded; make the export again")
        stated = {each["name"]: each["sha256"] for each in read_manifest(folder)["files"]}
        if {file: digest for file, (digest, _) in digests_in(folder).items()} != stated:
            raise InvalidInput(f"{folder} has other files than its manifest states; make the export again")
        signature = hashlib.sha256((folder / SIGNATURE).read_bytes()).hexdigest()
    except OSError as fault:
        raise InvalidInput(f"{folder} cannot be read: {fault}; make the export again") from fault
    ends = {MANIFEST: hashlib.sha256(manifest).hexdigest(), SIGNATURE: signature}
    return Deliverable(folder, name, dict(sorted(stated.items())) | ends)
