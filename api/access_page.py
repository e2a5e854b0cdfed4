"""The page of access: every field of both schemas by the callers that the policies let ask for it, from both."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Final, NamedTuple

from api.access.authorization import AccessRequest
from api.authorization import ACTIONS, POLICIES
from api.operators.authorization import ROLES
from api.operators.schema import OPERATOR_ACTIONS, OPERATOR_POLICIES
from ledger.kernel.clock import system_clock


class _Caller(NamedTuple):
    title: str
    scopes: frozenset[str]


_CALLERS: Final = (
    _Caller("scope read", frozenset({"read"})),
    _Caller("scope write", frozenset({"write"})),
    _Caller("scope reveal", frozenset({"reveal"})),
    _Caller("read and write", frozenset({"read", "write"})),
    _Caller("no scope", frozenset()),
)
_HEAD: Final = """# Who may call what

Two schemas, each with its policies, beside each other; written by `make generated`.

## Partners

The policies are in `api/access/policies`. An action is allowed on what is the caller's own (`own`), or not at all
(empty). Row-level security limits the rows that it sees in any case
([0037](../decisions/0037-two-roles-make-the-second-wall.md)).
"""
_OPERATORS: Final = """
## Operators

The policies are in `api/operators/policies`; the roles are what the identity provider states
([0099](../decisions/0099-operators-have-a-schema-of-their-own.md)). What is reached from a field of the root is allowed
with it. The database role of these requests reads every partner and writes nothing, whatever the policies say.
"""


def access_page() -> str:
    """Return the page."""
    titles = ["action", "group", *(each.title for each in _CALLERS)]
    operators = (
        [f"`{name}`", group, *("yes" if _may(role, name) else "" for role in ROLES)]
        for name, group in _sorted(OPERATOR_ACTIONS)
    )
    return _HEAD + _table(titles, _rows()) + _OPERATORS + _table(["action", "group", *ROLES], operators)


def _may(role: str, action: str) -> bool:
    return OPERATOR_POLICIES.decide(frozenset({role}), action).is_allowed


def _table(titles: list[str], rows: Iterable[list[str]]) -> str:
    lines = [_line(titles), _line(["---"] * len(titles)), *map(_line, rows)]
    return "\n" + "\n".join(lines) + "\n"


def _sorted(actions: Mapping[str, str]) -> list[tuple[str, str]]:
    return sorted(actions.items(), key=lambda item: (item[1], item[0]))


def _rows() -> Iterator[list[str]]:
    for action, group in _sorted(ACTIONS):
        yield [f"`{action}`", group, *(_reach(each, action) for each in _CALLERS)]


def _reach(caller: _Caller, action: str) -> str:
    """Return the tenants that a caller may take an action on."""
    now = system_clock()
    own, other = (
        POLICIES.decide(AccessRequest(caller.scopes, action, is_own), now).is_allowed for is_own in (True, False)
    )
    return "all" if own and other else "own" if own else "other" if other else ""


def _line(cells: list[str]) -> str:
    return f"| {' | '.join(cells)} |"
