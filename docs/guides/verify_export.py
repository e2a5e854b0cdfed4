"""Check an export: every file against its manifest, and the manifest against the signature of a key that you know.

    python3 verify_export.py FOLDER [PUBLIC_KEY]

It needs Python 3.11 and the package `cryptography`. PUBLIC_KEY are 64 hex digits that you were given in another way
than the export itself; without it, the export only agrees with itself.
"""

import hashlib
import json
import sys
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey


def differences(folder, known_key):
    manifest = (folder / "manifest.json").read_bytes()
    said = json.loads(manifest)
    if known_key not in (None, said["public_key"]):
        yield f"it was signed by {said['public_key']}, which is not the key that you gave"
    try:
        signature = bytes.fromhex((folder / "manifest.sig").read_text())
        Ed25519PublicKey.from_public_bytes(bytes.fromhex(said["public_key"])).verify(signature, manifest)
    except (InvalidSignature, ValueError):
        yield "the signature is not that of the manifest"
    stated = {each["name"]: each for each in said["files"]}
    there = {path.name for path in folder.iterdir()} - {"manifest.json", "manifest.sig"}
    yield from (f"{name}: {'not stated' if name in there else 'missing'}" for name in sorted(there ^ stated.keys()))
    for name in sorted(there & stated.keys()):
        content = (folder / name).read_bytes()
        if (len(content), hashlib.sha256(content).hexdigest()) != (stated[name]["bytes"], stated[name]["sha256"]):
            yield f"{name}: other bytes than were signed"
    yield from (f"{each['name']}: {each['detail']}" for each in said["checks"] if not each["ok"])


name, *keys = sys.argv[1:]
folder, key = Path(name), keys[0].lower() if keys else None
wrong = list(differences(folder, key))
document = json.loads((folder / "manifest.json").read_bytes())
print("DIFFERS: " + "; ".join(wrong) if wrong else f"ok: {document['report']} as of {document['position']}", end=" ")
print(f"with chain hash {document['chain_hash']}")
sys.exit(bool(wrong))
