"""Any operation of a schema, with conditions, fragments, merged fields and variables that are right or wrong."""

import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from graphql import (
    ArgumentNode,
    BooleanValueNode,
    DirectiveNode,
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLField,
    GraphQLNamedType,
    GraphQLSchema,
    InlineFragmentNode,
    NamedTypeNode,
    NameNode,
    OperationDefinitionNode,
    SelectionNode,
    SelectionSetNode,
    ValueNode,
    VariableDefinitionNode,
    VariableNode,
    get_named_type,
    parse_type,
    print_ast,
    value_from_ast_untyped,
)
from hypothesis import strategies as st
from hypothesis_graphql import from_schema

_CONDITIONS = ("c0", "c1", "c2")
_WRONG = [None, "wrong", 2**33, [1], {"no": 1}]


class Asked(NamedTuple):
    """A request: its text and its variables."""

    text: str
    variables: dict[str, Any]


def asked(
    schema: GraphQLSchema,
    *,
    values: Mapping[str, Sequence[ValueNode]] | None = None,
    scalars: Mapping[str, st.SearchStrategy[ValueNode]] | None = None,
    fields: Sequence[str] | None = None,
) -> st.SearchStrategy[Asked]:
    """Requests of the schema; `values` has values that mean something to it, by `field.argument` or `argument`."""
    made = from_schema(schema, fields=fields, custom_scalars=dict(scalars or {}), print_ast=lambda document: document)
    seeds = st.integers(0, 2**32)
    return st.builds(lambda document, seed: _varied(schema, document, values or {}, random.Random(seed)), made, seeds)


def _varied(
    schema: GraphQLSchema, document: DocumentNode, values: Mapping[str, Sequence[ValueNode]], chance: random.Random
) -> Asked:
    (operation,) = document.definitions
    assert isinstance(operation, OperationDefinitionNode)
    root = schema.get_root_type(operation.operation)
    assert root is not None
    variation = _Variation(schema, values, chance)
    selections = variation.set(root, operation.selection_set)
    varied = OperationDefinitionNode(
        operation=operation.operation,
        name=None,
        directives=(),
        variable_definitions=(*operation.variable_definitions, *variation.definitions),
        selection_set=selections,
    )
    text = print_ast(DocumentNode(definitions=(varied, *variation.fragments)))
    return Asked(text, variation.variables)


@dataclass
class _Variation:
    schema: GraphQLSchema
    values: Mapping[str, Sequence[ValueNode]]
    chance: random.Random
    definitions: list[VariableDefinitionNode] = field(default_factory=list)
    fragments: list[FragmentDefinitionNode] = field(default_factory=list)
    variables: dict[str, Any] = field(default_factory=dict)
    calls: dict[str, tuple[NameNode | None, tuple[ArgumentNode, ...]]] = field(default_factory=dict)
    """The alias and the arguments of each field as it was generated: fields that are merged have the same ones."""

    def set(self, parent: GraphQLNamedType, selections: SelectionSetNode) -> SelectionSetNode:
        return SelectionSetNode(selections=tuple(self._all(parent, selections.selections)))

    def _all(self, parent: GraphQLNamedType, nodes: Sequence[SelectionNode]) -> Iterator[SelectionNode]:
        for node in nodes:
            for each in [node] * (2 if self._happens(0.08) else 1):
                yield self._wrapped(parent, self._one(parent, each))
        if self._happens(0.2):
            yield self._wrapped(parent, FieldNode(name=NameNode(value="__typename"), arguments=(), directives=()))

    def _one(self, parent: GraphQLNamedType, node: SelectionNode) -> SelectionNode:
        if isinstance(node, InlineFragmentNode):
            inner = self.schema.type_map[node.type_condition.name.value] if node.type_condition else parent
            return InlineFragmentNode(
                type_condition=node.type_condition,
                directives=self._directives(),
                selection_set=self.set(inner, node.selection_set),
            )
        assert isinstance(node, FieldNode)
        definition = self.schema.get_field(parent, node.name.value)
        assert definition is not None
        inner = get_named_type(definition.type)
        alias, arguments = self._call(node, definition)
        return FieldNode(
            alias=alias,
            name=node.name,
            arguments=arguments,
            directives=self._directives(),
            selection_set=self.set(inner, node.selection_set) if node.selection_set else None,
        )

    def _call(self, node: FieldNode, definition: GraphQLField) -> tuple[NameNode | None, tuple[ArgumentNode, ...]]:
        known = f"{node.alias and node.alias.value} {node.name.value} {[print_ast(each) for each in node.arguments]}"
        if known not in self.calls:
            types = {name: str(argument.type) for name, argument in definition.args.items()}
            arguments = tuple(self._argument(node, each, types[each.name.value]) for each in self._wanted(node))
            is_renamed = bool(arguments) or self._happens(0.05)
            alias = NameNode(value=f"k{len(self.calls)}") if is_renamed and self._happens(0.9) else node.alias
            self.calls[known] = alias, arguments
        return self.calls[known]

    def _wanted(self, node: FieldNode) -> list[ArgumentNode]:
        """The arguments of the field; of an id and a reference only one, for most fields want one of them."""
        names = {each.name.value for each in node.arguments}
        without = self.chance.choice(["id", "externalRef"]) if {"id", "externalRef"} <= names else None
        return [each for each in node.arguments if each.name.value != without]

    def _argument(self, field: FieldNode, node: ArgumentNode, type_: str) -> ArgumentNode:
        value, name = node.value, node.name.value
        known = self.values.get(f"{field.name.value}.{name}") or self.values.get(name)
        if known and self._happens(0.95):
            value = self.chance.choice(known)
        if self._happens(0.3):
            value = self._variable(value, type_)
        return ArgumentNode(name=node.name, value=value)

    def _variable(self, value: ValueNode, type_: str) -> VariableNode:
        name = f"v{len(self.definitions)}"
        has_default = self._happens(0.3)
        if not has_default or self._happens(0.3):
            self.variables[name] = self.chance.choice(_WRONG) if self._happens(0.05) else value_from_ast_untyped(value)
        if self._happens(0.05):
            self.variables.pop(name, None)
        return self._declared(name, type_, value if has_default else None)

    def _directives(self) -> tuple[DirectiveNode, ...]:
        return tuple(self._condition(name) for name in ("skip", "include") if self._happens(0.06))

    def _condition(self, name: str) -> DirectiveNode:
        value: ValueNode = BooleanValueNode(value=(name == "include") is not self._happens(0.3))
        if self._happens(0.6):
            value = self._condition_variable(self.chance.choice(_CONDITIONS))
        return DirectiveNode(
            name=NameNode(value=name), arguments=(ArgumentNode(name=NameNode(value="if"), value=value),)
        )

    def _condition_variable(self, name: str) -> VariableNode:
        if all(each.variable.name.value != name for each in self.definitions):
            type_, default = self.chance.choice([("Boolean!", None), ("Boolean", BooleanValueNode(value=True))])
            self.variables[name] = self._happens(0.5)
            if default and self._happens(0.3):
                self.variables[name] = None
            if default and self._happens(0.3):
                self.variables.pop(name)
            self._declared(name, type_, default)
        return VariableNode(name=NameNode(value=name))

    def _declared(self, name: str, type_: str, default: ValueNode | None) -> VariableNode:
        variable = VariableNode(name=NameNode(value=name))
        defined = VariableDefinitionNode(
            variable=variable, type=parse_type(type_), default_value=default, directives=()
        )
        self.definitions.append(defined)
        return variable

    def _wrapped(self, parent: GraphQLNamedType, node: SelectionNode) -> SelectionNode:
        if self._happens(0.1):
            name = f"F{len(self.fragments)}"
            condition = NamedTypeNode(name=NameNode(value=parent.name))
            self.fragments.append(
                FragmentDefinitionNode(
                    name=NameNode(value=name),
                    type_condition=condition,
                    variable_definitions=(),
                    directives=(),
                    selection_set=SelectionSetNode(selections=(node,)),
                )
            )
            return FragmentSpreadNode(name=NameNode(value=name), arguments=(), directives=self._directives())
        if self._happens(0.1):
            return InlineFragmentNode(
                type_condition=None,
                directives=self._directives(),
                selection_set=SelectionSetNode(selections=(node,)),
            )
        return node

    def _happens(self, probability: float) -> bool:
        return self.chance.random() < probability
