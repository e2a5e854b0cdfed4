"""Planning: makes the plan of one operation from its document, once, or says that there is none."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from inspect import iscoroutinefunction
from typing import Final

from graphql import (
    FieldNode,
    FragmentDefinitionNode,
    GraphQLObjectType,
    GraphQLSchema,
    OperationDefinitionNode,
    get_named_type,
    is_abstract_type,
    is_object_type,
)

from api.execution.plan import Field, Plan, Selection
from api.execution.selections import Collector, Unplannable

FIELDS_MAX: Final = 5_000
"""Of a plan, its abstract types spread out. Fragments that spread each other can grow without end: those fall back."""


def plan_operation(
    schema: GraphQLSchema,
    operation: OperationDefinitionNode,
    fragments: Mapping[str, FragmentDefinitionNode],
    conditions: Mapping[str, bool],
) -> Plan:
    """Make the plan of an operation of a valid document. Raises `Unplannable`."""
    root = schema.get_root_type(operation.operation)
    if root is None:
        raise Unplannable(f"the schema has no {operation.operation.value}")
    planner = _Planner(Collector(schema, fragments, conditions))
    selection = planner.selection(root, planner.collector.collect(root, [operation.selection_set]))
    return Plan(schema, operation, fragments, selection, planner.size)


@dataclass(slots=True)
class _Planner:
    collector: Collector
    size: int = field(default=0)

    def selection(self, type_: GraphQLObjectType, nodes: Mapping[str, Sequence[FieldNode]]) -> Selection:
        planned = (self._field(type_, key, tuple(each)) for key, each in nodes.items())
        return Selection(type_, tuple(each for each in planned if each is not None))

    def _field(self, parent: GraphQLObjectType, key: str, nodes: tuple[FieldNode, ...]) -> Field | None:
        """Return the field with the selections of its value; None if the type has no such field."""
        definition = self.collector.schema.get_field(parent, nodes[0].name.value)
        if definition is None:
            return None
        self.size += 1
        if self.size > FIELDS_MAX:
            raise Unplannable(f"the plan has more than {FIELDS_MAX:,} fields")
        if iscoroutinefunction(definition.resolve):
            raise Unplannable(f"{parent.name}.{nodes[0].name.value} is asynchronous")
        sets = [node.selection_set for node in nodes if node.selection_set is not None]
        types = self._types(definition.type)
        selections = {type_.name: self.selection(type_, self.collector.collect(type_, sets)) for type_ in types}
        return Field(key, parent, definition, nodes, selections)

    def _types(self, return_type: object) -> Iterator[GraphQLObjectType]:
        """Yield the object types that a value of the type may have."""
        named = get_named_type(return_type)  # type: ignore[call-overload]  # it takes what a field may return
        if is_object_type(named):
            yield named
        elif is_abstract_type(named):
            yield from self.collector.schema.get_possible_types(named)
