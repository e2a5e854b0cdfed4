"""The plan: the fields that an operation reads, as values that print as a tree.

A plan is made for one assignment of the variables that `@skip` and `@include` ask, so it has no conditions in it.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from graphql import (
    FieldNode,
    FragmentDefinitionNode,
    GraphQLField,
    GraphQLObjectType,
    GraphQLSchema,
    OperationDefinitionNode,
    print_ast,
)


@dataclass(frozen=True, slots=True, eq=False)
class Field:
    """One field of an object: its response key, its type's definition, the nodes merged in it.

    `selections` has what is read of its value by the name of each object type that it may have; none of a leaf.
    """

    key: str
    parent: GraphQLObjectType
    definition: GraphQLField
    nodes: tuple[FieldNode, ...]
    selections: Mapping[str, "Selection"]

    @property
    def name(self) -> str:
        """Its name in the schema."""
        return self.nodes[0].name.value

    def __str__(self) -> str:
        return f"{self.parent.name}.{self.name}"


@dataclass(frozen=True, slots=True, eq=False)
class Selection:
    """The fields that are read of one object type, in the order of the response."""

    type: GraphQLObjectType
    fields: tuple[Field, ...]


@dataclass(frozen=True, slots=True, eq=False, weakref_slot=True)
class Plan:
    """Everything that one operation reads; `size` counts its fields."""

    schema: GraphQLSchema
    operation: OperationDefinitionNode
    fragments: Mapping[str, FragmentDefinitionNode]
    root: Selection
    size: int

    def __str__(self) -> str:
        return "\n".join([f"{self.operation.operation.value} {self.root.type.name}", *_lines(self.root, "  ")])


def _lines(selection: Selection, indent: str) -> Iterator[str]:
    for field in selection.fields:
        yield f"{indent}{_line(field)}"
        is_one = set(field.selections) == {_named(field)}
        for name, inner in field.selections.items():
            if not is_one:
                yield f"{indent}  on {name}"
            yield from _lines(inner, indent + ("  " if is_one else "    "))


def _line(field: Field) -> str:
    renamed = "" if field.key == field.name else f"{field.key}: "
    arguments = ", ".join(print_ast(each) for each in field.nodes[0].arguments or ())
    return f"{renamed}{field.name}{f'({arguments})' if arguments else ''}: {field.definition.type}"


def _named(field: Field) -> str:
    return str(field.definition.type).strip("[]!")
