"""Selections of a document: which fields they select of an object type, under the values of their conditions."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from graphql import (
    BooleanValueNode,
    DirectiveNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLObjectType,
    GraphQLSchema,
    InlineFragmentNode,
    SelectionNode,
    SelectionSetNode,
    VariableNode,
    is_abstract_type,
    type_from_ast,
)


class Unplannable(Exception):
    """The document has something that plans do not know: graphql-core executes it."""


@dataclass(frozen=True, slots=True)
class Collector:
    """Collects fields of selection sets in the order of the specification (section 6.3.2, CollectFields).

    `conditions` has the value of each variable that `@skip` and `@include` ask.
    """

    schema: GraphQLSchema
    fragments: Mapping[str, FragmentDefinitionNode]
    conditions: Mapping[str, bool] = field(default_factory=dict)

    def collect(self, type_: GraphQLObjectType, sets: Iterable[SelectionSetNode]) -> dict[str, list[FieldNode]]:
        """Return the field nodes that the sets select of the type, by response key. Raises `Unplannable`."""
        fields: dict[str, list[FieldNode]] = {}
        spread: set[str] = set()
        for selection_set in sets:
            for node in self._fields(type_, selection_set, spread):
                fields.setdefault(node.alias.value if node.alias else node.name.value, []).append(node)
        return fields

    def _fields(
        self, type_: GraphQLObjectType, selection_set: SelectionSetNode, spread: set[str]
    ) -> Iterator[FieldNode]:
        for node in selection_set.selections:
            if not self._is_included(node):
                continue
            if isinstance(node, FieldNode):
                yield node
            elif (fragment := self._fragment(node, spread)) is not None and self._applies(fragment, type_):
                if isinstance(node, FragmentSpreadNode):
                    spread.add(node.name.value)
                yield from self._fields(type_, fragment.selection_set, spread)

    def _fragment(self, node: SelectionNode, spread: set[str]) -> FragmentDefinitionNode | InlineFragmentNode | None:
        """Return the fragment of the node; None for one that was spread before."""
        if isinstance(node, InlineFragmentNode):
            return node
        assert isinstance(node, FragmentSpreadNode)
        return None if node.name.value in spread else self.fragments.get(node.name.value)

    def _applies(self, fragment: FragmentDefinitionNode | InlineFragmentNode, type_: GraphQLObjectType) -> bool:
        if fragment.type_condition is None:
            return True
        condition = type_from_ast(self.schema, fragment.type_condition)
        return condition is type_ or (is_abstract_type(condition) and self.schema.is_sub_type(condition, type_))

    def _is_included(self, node: SelectionNode) -> bool:
        for directive in node.directives or ():
            if self._condition(directive) is (directive.name.value == "skip"):
                return False
        return True

    def _condition(self, directive: DirectiveNode) -> bool:
        (argument,) = directive.arguments or ()
        if isinstance(argument.value, BooleanValueNode):
            return argument.value.value
        if isinstance(argument.value, VariableNode) and argument.value.name.value in self.conditions:
            return self.conditions[argument.value.name.value]
        raise Unplannable(f"the condition at {directive.loc} is no boolean")
