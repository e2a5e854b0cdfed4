"""Contents of exports: the digests of their files, and how those differ from the ones of an earlier manifest."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from pipelines.exports.findings import Findings

MANIFEST: Final = "manifest.json"
SIGNATURE: Final = "manifest.sig"
"""The detached signature: 64 bytes of Ed25519 over the bytes of the manifest (RFC 8032), in hex."""

Digests = Mapping[str, tuple[str, int]]
"""SHA-256 (hex) and bytes of each file of a report, by its name."""


@dataclass(frozen=True, slots=True)
class Contents:
    """The contents of an export: the findings of the report, and the digests of its files."""

    findings: Findings
    digests: Digests

    @property
    def hash(self) -> bytes:
        """The hash over the names and digests of all files: equal contents have equal hashes at any position."""
        lines = "".join(f"{digest} {name}\n" for name, (digest, _) in sorted(self.digests.items()))
        return hashlib.sha256(lines.encode()).digest()


def digests_in(folder: Path) -> Digests:
    """Return SHA-256 and bytes of each file of a report in a folder; manifest and signature are none of them."""
    found = sorted(path for path in folder.iterdir() if path.name not in (MANIFEST, SIGNATURE))
    return {path.name: (_sha256(path), path.stat().st_size) for path in found}


def differences(before: Mapping[str, Any], now: Contents) -> list[str]:
    """Return how files, rows and control totals differ from those of an earlier manifest; no contents are shown."""
    files = {each["name"]: each for each in before["files"]}
    lines = [
        f"{name}: {'new' if name in now.digests else 'gone'}" for name in sorted(files.keys() ^ now.digests.keys())
    ]
    lines += [
        f"{name}: {files[name]['rows']} rows before, {now.findings.rows[name]} now, other contents"
        for name in sorted(files.keys() & now.digests.keys())
        if now.digests[name][0] != files[name]["sha256"]
    ]
    totals, found = before["control_totals"], now.findings.totals
    return lines + [
        f"{name}: {totals.get(name)} before, {found.get(name)} now"
        for name in sorted(totals.keys() | found.keys())
        if totals.get(name) != found.get(name)
    ]


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
