"""Authorization: decides by the policies in `policies/` whether a caller may do what it asks, and says by which.

A policy that asks nothing of the moment decides the same each time, so that its decision is remembered. With one policy
that asks for the context, every decision is made anew.
"""

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any, Final, NamedTuple

from api.access.policy_files import Decision, PolicyFiles
from api.access.refusals import NotAllowed
from ledger.kernel.clock import system_clock
from ledger.kernel.log_context import bind

FOLDER: Final = Path(__file__).with_name("policies")
"""The folder of the policies and their schema."""

_CALLER: Final = {"type": "Partner", "id": "caller"}
_DECISIONS_MAX: Final = 10_000
_ACTION: Final = (
    'action "{name}" in ["{group}"] appliesTo {{ principal: [Partner], resource: [Tenant], context: Context }};'
)


class AccessRequest(NamedTuple):
    """A caller with its scopes, the action that it asks for, and whether on what is its own or another partner's."""

    scopes: frozenset[str]
    action: str
    is_own: bool


class Policies:
    """The policies of a folder over the actions of an API, each in the group `read`, `write` or `reveal`."""

    def __init__(self, actions: Mapping[str, str], folder: Path = FOLDER) -> None:
        """Read and check the policies. Raises `InvalidInput`, which names each fault."""
        declared = (_ACTION.format(name=name, group=group) for name, group in sorted(actions.items()))
        self._files: Final = PolicyFiles(folder, "\n".join(declared))
        self.are_lasting: Final = self._files.are_lasting
        self._decided: Final[dict[AccessRequest, Decision]] = {}

    def decide(self, request: AccessRequest, now: datetime) -> Decision:
        """Decide a request; what no policy permits, or one forbids, is refused."""
        found = self._decided.get(request)
        if found is None:
            found = self._decision(request, now)
            if self.are_lasting and len(self._decided) < _DECISIONS_MAX:
                self._decided[request] = found
        return found

    def decide_all(self, scopes: frozenset[str], actions: frozenset[str]) -> Decision:
        """Decide whether a partner may take all of these actions on what is its own.

        The reason of a refusal has the action before it.
        """
        now, reasons = system_clock(), set()
        for action in sorted(actions):
            is_allowed, reason = self.decide(AccessRequest(scopes, action, is_own=True), now)
            if not is_allowed:
                return Decision(is_allowed=False, reason=f"{action}: {reason}")
            reasons.add(reason)
        return Decision(is_allowed=True, reason="; ".join(sorted(reasons)))

    def _decision(self, request: AccessRequest, now: datetime) -> Decision:
        asked = {
            "principal": _CALLER,
            "action": {"type": "Action", "id": request.action},
            "resource": {"type": "Tenant", "id": "own" if request.is_own else "other"},
        }
        return self._files.decide(asked, _caller(request), now)


def require_allowed(decision: Decision) -> None:
    """Require that a decision allows what was asked. Raises `NotAllowed`.

    The line of the request in the log names the policies that decided.
    """
    bind(policy=decision.reason)
    if not decision.is_allowed:
        raise NotAllowed(
            f"this API key may not {decision.reason}; queries need the scope read, mutations write, reveals reveal"
        )


def _caller(request: AccessRequest) -> dict[str, Any]:
    own = {"__entity": {"type": "Tenant", "id": "own"}}
    attributes = {"tenant": own, "scopes": sorted(request.scopes)}
    return {"uid": _CALLER, "attrs": attributes, "parents": []}
