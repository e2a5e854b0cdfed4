"""Verifies a proof with Python's standard library (3.11 or newer): verify_proof.py PROOF.json [--anchor HASH]."""

import json
import struct
import sys
from datetime import UTC, date, datetime, timedelta
from hashlib import sha256
from pathlib import Path

READERS = {  # PostgreSQL's binary form of each type, big-endian; days and microseconds are counted from 2000
    "bool": lambda raw: raw == b"\1",
    "int": lambda raw: int.from_bytes(raw, "big", signed=True),
    "text": bytes.decode,
    **dict.fromkeys(("bytes", "uuid"), bytes.hex),
    "date": lambda raw: (date(2000, 1, 1) + timedelta(READERS["int"](raw))).isoformat(),
    "instant": lambda raw: (datetime(2000, 1, 1, tzinfo=UTC) + timedelta(0, 0, READERS["int"](raw))).isoformat(),
}


def decoded(row, types):  # behind a count of 2 bytes, each field is a length of 4 bytes (-1 for null) and its bytes
    at = 2
    for kind in types:
        length, at = READERS["int"](row[at : at + 4]), at + 4
        yield None if length < 0 else READERS[kind](row[at : at + length])
        at += max(length, 0)


def compared(proof, anchor):  # what the row gives against what is shown, from its columns up to the last link's hash
    row, columns, batch, path = bytes.fromhex(proof["row"]), proof["columns"], proof["links"][0], [*proof["path"]]
    values = [READERS["int"](row[:2]), *decoded(row, [column["type"] for column in columns])]
    yield "columns", json.dumps(values) == json.dumps([len(columns), *(column["value"] for column in columns)])
    index, size = proof["position"] - batch["first_seq"], batch["last_seq"] - batch["first_seq"] + 1
    names = [proof["table"], *(column["name"] for column in columns)]
    node = sha256(f"\0{names[0]}({','.join(names[1:])})\0".encode() + row).digest()
    yield "leaf or position", node.hex() == proof["leaf"] and 0 <= index < size and all(map(str.isidentifier, names))
    while size > 1:
        if index % 2 or index + 1 < size:  # where a level is odd, its last node has no sibling and rises unchanged
            sibling = bytes.fromhex(path.pop(0)["left" if index % 2 else "right"])
            node = sha256(b"\1" + (sibling + node if index % 2 else node + sibling)).digest()
        index, size = index // 2, (size + 1) // 2
    yield "Merkle root", not path and node.hex() == batch["merkle_root"]
    first, digest = batch["first_seq"], bytes.fromhex(proof["previous_hash"])
    for link in proof["links"]:
        header = struct.pack(">4q", proof["book"], link["first_seq"], link["last_seq"], link["recorded_at"])
        digest = sha256(digest + header + bytes.fromhex(link["merkle_root"])).digest()
        yield f"link up to {link['last_seq']}", (first, digest.hex()) == (link["first_seq"], link["hash"])
        first = link["last_seq"] + 1
    yield f"anchor, for the links end with {digest.hex()}", anchor in ([], [digest.hex()])


if __name__ == "__main__":
    path, *anchor = (word for word in sys.argv[1:] if word != "--anchor")  # a path of - is the standard input
    try:
        proof = json.loads(sys.stdin.read() if path == "-" else Path(path).read_text())
        differs = [what for what, agrees in compared(proof, anchor) if not agrees]
        says = f"ok: {proof['table']} at position {proof['position']} is under the hash {proof['links'][-1]['hash']}"
    except (AttributeError, LookupError, OSError, OverflowError, TypeError, ValueError, struct.error) as fault:
        differs = [f"{type(fault).__name__}: {fault}"]
    sys.exit(print(f"DIFFERS: {', '.join(differs)}" if differs else says) or bool(differs))
