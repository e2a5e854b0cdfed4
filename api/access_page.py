"""The page of access: every query and mutation by the callers that the policies let call it, generated from both."""

from collections.abc import Iterator
from typing import Final, NamedTuple

from api.access.authorization import AccessRequest, CallerKind
from api.authorization import ACTIONS, POLICIES
from ledger.kernel.clock import system_clock


class _Caller(NamedTuple):
    title: str
    kind: CallerKind
    scopes: frozenset[str]


_CALLERS: Final = (
    _Caller("scope read", CallerKind.PARTNER, frozenset({"read"})),
    _Caller("scope write", CallerKind.PARTNER, frozenset({"write"})),
    _Caller("both", CallerKind.PARTNER, frozenset({"read", "write"})),
    _Caller("no scope", CallerKind.PARTNER, frozenset()),
)
_HEAD: Final = """# Who may call what

The schema and the policies in `api/access/policies`, beside each other; written by `make generated`. An action is
allowed on what is the caller's own (`own`), on what is any partner's (`all`), or not at all (empty). Row-level security
limits the rows that it sees in any case ([0037](../decisions/0037-two-roles-make-the-second-wall.md)).
"""


def access_page() -> str:
    """Return the page."""
    titles = ["action", "group", *(each.title for each in _CALLERS)]
    lines = [_line(titles), _line(["---"] * len(titles)), *map(_line, _rows())]
    return _HEAD + "\n" + "\n".join(lines) + "\n"


def _rows() -> Iterator[list[str]]:
    for action, group in sorted(ACTIONS.items(), key=lambda item: (item[1], item[0])):
        yield [f"`{action}`", group, *(_reach(each, action) for each in _CALLERS)]


def _reach(caller: _Caller, action: str) -> str:
    """Return the tenants that a caller may take an action on."""
    now = system_clock()
    own, other = (
        POLICIES.decide(AccessRequest(caller.kind, caller.scopes, action, is_own), now).is_allowed
        for is_own in (True, False)
    )
    return "all" if own and other else "own" if own else "other" if other else ""


def _line(cells: list[str]) -> str:
    return f"| {' | '.join(cells)} |"
