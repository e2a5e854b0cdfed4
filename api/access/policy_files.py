"""Policies in files: reads a folder of Cedar policies, checks them against their schema, and decides requests."""

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any, Final, NamedTuple

import cedarpy

from ledger.kernel.errors import InvalidInput

_NOBODY: Final = "no policy permits it"


class Decision(NamedTuple):
    """A decision, and the names of the policies that made it."""

    is_allowed: bool
    reason: str


class PolicyFiles:
    """The policies of a folder; `actions` are the declarations of actions that complete the folder's schema."""

    def __init__(self, folder: Path, actions: str) -> None:
        """Read and check the policies. Raises `InvalidInput`, which names each fault."""
        schema = (folder / "schema.cedarschema").read_text() + actions
        text = "\n".join(each.read_text() for each in sorted(folder.glob("*.cedar")))
        _check(text, schema, folder)
        self._policies: Final = cedarpy.PolicySet.from_str(text)
        self._schema: Final = cedarpy.Schema.from_str(schema)
        self.are_lasting: Final = '{"Var":"context"}' not in cedarpy.policies_to_json_str(text)

    def decide(self, asked: Mapping[str, Any], principal: Mapping[str, Any], now: datetime) -> Decision:
        """Decide a request of a principal; what no policy permits, or one forbids, is refused."""
        context = {"time": {"__extn": {"fn": "datetime", "arg": f"{now:%Y-%m-%dT%H:%M:%SZ}"}}}
        result = cedarpy.is_authorized({**asked, "context": context}, self._policies, [dict(principal)], self._schema)
        names = sorted(result.diagnostics.id_annotations_by_reason.values())
        return Decision(result.allowed, ", ".join(names) or _NOBODY)


def _check(text: str, schema: str, folder: Path) -> None:
    faults = [each.error for each in cedarpy.validate_policies(text, schema).errors]
    if faults:
        place = "/".join(folder.parts[-3:])
        raise InvalidInput(f"the policies in {place} are wrong: {'; '.join(faults)}")
