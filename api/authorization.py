"""Authorization of operations: the policies over the queries, mutations and subscriptions of the schema."""

from typing import Final

from api.access.authorization import Policies, require_allowed
from api.execution.executor import Prepared
from api.graphql.root_fields import actions, asked_actions
from api.schema_versions import VERSIONS
from ledger.tenancy.api_keys import Principal

ACTIONS: Final = {name: group for each in VERSIONS.values() for name, group in actions(each.built).items()}
"""The group of each field of a root, in all versions of the schema: `read`, `write` or `reveal`."""

POLICIES: Final = Policies(ACTIONS)
"""The policies over these actions, checked when the process starts."""

_NOTE: Final = "decisions"
"""The note of a document with the decisions on all that it asks for, by the scopes of the caller."""


def authorize_operation(prepared: Prepared, principal: Principal) -> None:
    """Require that the policies permit all of an operation. Raises `NotAllowed`."""
    decided = prepared.notes.setdefault(_NOTE, {})
    decision = decided.get(principal.scopes)
    if decision is None:
        decision = POLICIES.decide_all(principal.scopes, asked_actions(prepared.document))
        if POLICIES.are_lasting:
            decided[principal.scopes] = decision
    require_allowed(decision)
