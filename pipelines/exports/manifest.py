"""Manifests: what an export is made of and true for, with the digest of each file, and the signature over all of it."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from ledger.exports.export_queries import ExportOf
from ledger.exports.records import ExportSigningKey
from pipelines.exports.contents import MANIFEST, Contents
from pipelines.exports.declarations import Report

_CODE: Final = tuple(
    sorted(path for part in ("exports", "exports/reports") for path in (Path(__file__).parents[1] / part).glob("*.py"))
)
_SEEDS: Final = Path(__file__).parents[2] / "ledger/kernel/holidays"


@dataclass(frozen=True, slots=True)
class Cut:
    """The position at which a report reads its book, the chain's hash there (hex), and when its batch was recorded."""

    seq: int
    chain_hash: str
    recorded_at: str


def manifest_of(report: Report, what: ExportOf, cut: Cut, contents: Contents, *, said: Mapping[str, object]) -> bytes:
    """Return the manifest as canonical JSON: sorted names, two blanks of indentation, a line feed at the end.

    `said` has the ids of the export, of the one that it amends, and of the key.
    """
    findings = contents.findings
    document = {
        "report": report.name,
        "title": report.title,
        "recipient": report.recipient,
        "legal_basis": report.legal_basis,
        "format": report.format,
        "retention_years": report.retention_years,
        "partner": what.partner_ref,
        "period": {"from": str(what.from_on), "until": str(what.until_on)},
        "position": cut.seq,
        "chain_hash": cut.chain_hash,
        "recorded_at": cut.recorded_at,
        "files": [
            {"name": name, "sha256": digest, "bytes": size, "rows": findings.rows[name]}
            for name, (digest, size) in sorted(contents.digests.items())
        ],
        "control_totals": dict(findings.totals),
        "checks": [each._asdict() for each in findings.checks],
        "validity": dict(findings.validity),
        "versions": {"report": report.version, "code": _code_digest()},
        **said,
    }
    return (json.dumps(document, indent=2, sort_keys=True, ensure_ascii=False) + "\n").encode()


def read_manifest(folder: Path) -> dict[str, Any]:
    """Return the manifest in a folder. Raises `OSError`."""
    document: dict[str, Any] = json.loads((folder / MANIFEST).read_bytes())
    return document


def signature_of(manifest: bytes, key: Ed25519PrivateKey) -> bytes:
    """Return the text of the signature; the same manifest and key always give the same."""
    return key.sign(manifest).hex().encode() + b"\n"


def key_said(key: ExportSigningKey) -> dict[str, str]:
    """Return what a manifest says of the key that signs it."""
    return {"key_id": key.key_id.hex, "algorithm": "Ed25519", "public_key": key.public_key.hex()}


def _code_digest() -> str:
    """Return the digest of the code that makes reports, and of the holidays that they count by."""
    digest = hashlib.sha256()
    for path in (*_CODE, *sorted(_SEEDS.glob("*.csv"))):
        digest.update(path.name.encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()
