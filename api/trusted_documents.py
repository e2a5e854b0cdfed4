"""Trusted documents: operations that are registered ahead, and that requests name by the SHA-256 of their text.

They come from manifests, as client generators write them: a JSON object of hash and text. `all.json` is for every
partner, and `par_….json` for the partner with that id.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Final

from api.requests import BadRequest, Operation
from ledger.kernel.errors import InvalidInput
from ledger.kernel.ids import PartnerId
from ledger.public_ids import public

_EVERYBODY: Final = "all"
_SETTING: Final = "COFFERDAM_TRUSTED_DOCUMENTS"


class PersistedQueryNotSupported(BadRequest):
    """This installation has no trusted documents."""

    code = "persisted_query_not_supported"


class PersistedQueryNotFound(BadRequest):
    """No trusted document of the caller has this hash."""

    code = "persisted_query_not_found"


class TrustedDocuments:
    """The trusted documents of an installation, by partner and hash; read once, when the process starts."""

    def __init__(self, folder: Path | None) -> None:
        """Read the manifests in a folder; None means that there are none. Raises `InvalidInput`."""
        self._by_owner: Final = {} if folder is None else _manifests(folder)

    def named(self, operation: Operation, partner_id: PartnerId) -> Operation:
        """Return the operation with its text, if it names a document by its hash. Raises `BadRequest`."""
        asked = operation.document_hash
        if asked is None:
            return operation
        if operation.query:
            if _hash(operation.query) != asked:
                raise BadRequest("the hash is not that of query: it is the SHA-256 of the document's text in hex")
            return operation
        if not self._by_owner:
            raise PersistedQueryNotSupported("this server has no trusted documents; send the document as query")
        for owner in (public("partner", partner_id), _EVERYBODY):
            text = self._by_owner.get(owner, {}).get(asked)
            if text is not None:
                return replace(operation, query=text)
        raise PersistedQueryNotFound(f"no trusted document of yours has the hash {asked[:64]}; send it as query")


def _manifests(folder: Path) -> Mapping[str, Mapping[str, str]]:
    if not folder.is_dir():
        raise InvalidInput(f"{_SETTING}: there is no folder {folder}; make it, with manifests such as all.json")
    return {path.stem: _documents(path) for path in sorted(folder.glob("*.json"))}


def _documents(path: Path) -> Mapping[str, str]:
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except ValueError:
        found = None
    if not isinstance(found, dict) or not all(isinstance(text, str) for text in found.values()):
        raise InvalidInput(f'{_SETTING}: {path} is no manifest; write {{"<SHA-256 in hex>": "<document>"}}')
    wrong = [name for name, text in found.items() if _hash(text) != name.removeprefix("sha256:")]
    if wrong:
        raise InvalidInput(f"{_SETTING}: in {path}, {wrong[0]} is not the SHA-256 of its document; generate it anew")
    return {name.removeprefix("sha256:"): text for name, text in found.items()}


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
