"""Changes of the schema between two versions: which of them break a promise, and all of them for people to read.

A promise is the SDL of a released version. What it deprecates may be removed from the date in the reason on; the rest
may only grow.
"""

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Final

from graphql import (
    REMOVE,
    BreakingChange,
    ConstDirectiveNode,
    DangerousChange,
    EnumValueDefinitionNode,
    FieldDefinitionNode,
    GraphQLSchema,
    InputValueDefinitionNode,
    StringValueNode,
    Visitor,
    build_ast_schema,
    build_schema,
    find_breaking_changes,
    find_schema_changes,
    parse,
    visit,
)

from api.graphql.deprecations import DEPRECATED_FOR, removed_from

RELEASED: Final = Path(__file__).parent / "versions"
"""The SDL of each released version of the partners' schema, named by its date."""

RELEASED_TO_OPERATORS: Final = Path(__file__).parents[1] / "operators" / "versions"
"""The same of the operators' schema."""


def released(folder: Path = RELEASED) -> dict[str, str]:
    """Return the SDL of each released version by its date, the oldest first."""
    return {each.stem: each.read_text(encoding="utf-8") for each in sorted(folder.glob("*.graphql"))}


def broken_promises(promised: str, sdl: str, today: date) -> list[str]:
    """Return the changes from a promised schema that break its callers, without removals that are due by today."""
    due = build_ast_schema(visit(parse(promised), _Due(today)))
    return [each.description for each in find_breaking_changes(due, build_schema(sdl))]


def hasty_deprecations(promised: str | None, sdl: str, day: date) -> list[str]:
    """Return the places that a version of a day is the first to deprecate, and that may be removed too early."""
    known = {} if promised is None else deprecations(build_schema(promised))
    fresh = {place: reason for place, reason in deprecations(build_schema(sdl)).items() if place not in known}
    return [place for place, reason in fresh.items() if (removed_from(reason) or day) < day + DEPRECATED_FOR]


def told_changes(promised: str, sdl: str) -> str:
    """Return all changes between two schemas as a list in Markdown, those that may break a caller first."""
    old, new = build_schema(promised), build_schema(sdl)
    found = find_schema_changes(old, new)
    breaking = [each.description for each in found if isinstance(each, BreakingChange)]
    dangerous = [each.description for each in found if isinstance(each, DangerousChange)]
    safe = [each.description for each in found if not isinstance(each, BreakingChange | DangerousChange)]
    parts = {"Removed": breaking, "Be ready for": dangerous, "Deprecated": list(_deprecated(old, new)), "Added": safe}
    lines = (f"- {name}: {says}" for name, changes in parts.items() for says in changes)
    return "\n".join(lines) + "\n"


def deprecations(schema: GraphQLSchema) -> dict[str, str]:
    """Return the reason of each deprecated field by its place, such as `Transfer.holdId`."""
    fields = (
        (f"{named.name}.{name}", field.deprecation_reason)
        for named in schema.type_map.values()
        for name, field in getattr(named, "fields", {}).items()
    )
    return {place: reason for place, reason in fields if reason is not None}


class _Due(Visitor):
    """Takes out of a document what is deprecated and may be removed by a date."""

    def __init__(self, today: date) -> None:
        super().__init__()
        self._today = today

    def enter(self, node: object, *_place: object) -> object:
        """Remove a definition whose date has come."""
        if not isinstance(node, FieldDefinitionNode | EnumValueDefinitionNode | InputValueDefinitionNode):
            return None
        day = next(
            (removed_from(_reason(each)) for each in node.directives or () if each.name.value == "deprecated"), None
        )
        return REMOVE if day is not None and day <= self._today else None


def _reason(deprecated: ConstDirectiveNode) -> str | None:
    values = [each.value for each in deprecated.arguments or () if each.name.value == "reason"]
    return next((each.value for each in values if isinstance(each, StringValueNode)), None)


def _deprecated(old: GraphQLSchema, new: GraphQLSchema) -> Iterator[str]:
    known = deprecations(old)
    return (f"{place}: {reason}" for place, reason in deprecations(new).items() if place not in known)
