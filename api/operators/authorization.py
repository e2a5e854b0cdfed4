"""Authorization of operators: the policies over the queries and mutations of their schema, by the roles of a caller."""

from collections.abc import Mapping
from pathlib import Path
from typing import Final

from api.access.policy_files import Decision, PolicyFiles
from api.access.refusals import NotAllowed
from ledger.kernel.clock import Clock, system_clock
from ledger.kernel.log_context import bind

ROLES: Final = ("viewer", "support", "security", "admin")
"""The roles that the identity provider may state, from the least to the most."""

FOLDER: Final = Path(__file__).with_name("policies")
"""The folder of the policies and their schema."""

_ACTION: Final = (
    'action "{name}" in ["{group}"] '
    "appliesTo {{ principal: [Operator], resource: [Installation], context: Context }};\n"
)
_RESOURCE: Final = {"type": "Installation", "id": "here"}


class OperatorPolicies:
    """The policies of a folder over the actions of the operators' schema."""

    def __init__(self, actions: Mapping[str, str], folder: Path = FOLDER, *, clock: Clock = system_clock) -> None:
        """Read and check the policies. Raises `InvalidInput`, which names each fault."""
        declared = (_ACTION.format(name=name, group=group) for name, group in sorted(actions.items()))
        self._files: Final = PolicyFiles(folder, "".join(declared))
        self._clock: Final = clock

    def decide(self, roles: frozenset[str], action: str) -> Decision:
        """Decide whether an operator with these roles may take an action."""
        caller = {"uid": {"type": "Operator", "id": "caller"}, "attrs": {"roles": sorted(roles)}, "parents": []}
        asked = {
            "principal": {"type": "Operator", "id": "caller"},
            "action": {"type": "Action", "id": action},
            "resource": _RESOURCE,
        }
        return self._files.decide(asked, caller, self._clock())

    def require(self, roles: frozenset[str], actions: frozenset[str]) -> Mapping[str, str]:
        """Require that an operator may take all of these actions; return the policies that permit each.

        Raises `NotAllowed`. The line of the request in the log names the policies that decided.
        """
        decisions = {action: self.decide(roles, action) for action in sorted(actions)}
        refused = next((action for action, each in decisions.items() if not each.is_allowed), None)
        if refused is not None:
            bind(policy=f"{refused}: {decisions[refused].reason}")
            held = ", ".join(sorted(roles)) or "none"
            raise NotAllowed(f"you may not {refused}: {decisions[refused].reason}; your roles are: {held}")
        bind(policy="; ".join(sorted({each.reason for each in decisions.values()})))
        return {action: each.reason for action, each in decisions.items()}
