"""Documents: parses and validates the text of a request, and keeps its tree without what only the parser needs."""

import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from graphql import (
    ASTValidationRule,
    DirectiveNode,
    DocumentNode,
    FragmentDefinitionNode,
    GraphQLError,
    GraphQLSchema,
    Node,
    OperationDefinitionNode,
    Token,
    TokenKind,
    VariableNode,
    parse,
    validate,
)
from graphql.language.parser import Parser

_NODE_BYTES: Final = 300
"""Memory of a node of the tree with its location and its names, as measured."""

_ERRORS_MAX: Final = 5
_CONDITIONS: Final = {"skip", "include"}
_NO_TOKEN: Final = Token(TokenKind.SOF, 0, 0, 0, 0)


class DocumentRefused(Exception):
    """The text is no document, or breaks a rule; nothing was executed."""

    def __init__(self, errors: Sequence[GraphQLError]) -> None:
        super().__init__("\n".join(error.message for error in errors))
        self.errors = list(errors)


class UnknownOperation(Exception):
    """The document has no operation, or none of the name that was asked for."""


@dataclass(frozen=True, eq=False)
class Document:
    """A parsed document, and the operation of it that was asked for: by name, or the first one."""

    text: str
    tree: DocumentNode
    operation: OperationDefinitionNode
    operation_name: str | None

    @property
    def is_ambiguous(self) -> bool:
        """It has several operations, and none was named."""
        return self.operation_name is None and len(_operations(self.tree)) > 1

    @cached_property
    def is_plain(self) -> bool:
        """It has no directives but `@skip` and `@include`, and no fragments with variables of their own."""
        has_variables = any(each.variable_definitions for each in self.fragments.values())
        return not has_variables and all(each.name.value in _CONDITIONS for each in self.directives)

    @cached_property
    def fragments(self) -> dict[str, FragmentDefinitionNode]:
        """Its fragments by name."""
        return {each.name.value: each for each in self.tree.definitions if isinstance(each, FragmentDefinitionNode)}

    @cached_property
    def directives(self) -> list[DirectiveNode]:
        """Every directive in it."""
        return [each for each in nodes_of(self.tree) if isinstance(each, DirectiveNode)]

    @cached_property
    def conditions(self) -> tuple[str, ...]:
        """The variables of the operation that `@skip` and `@include` ask."""
        values = [argument.value for each in self.directives for argument in each.arguments or ()]
        asked = {each.name.value for each in values if isinstance(each, VariableNode)}
        declared = [each.variable.name.value for each in self.operation.variable_definitions or ()]
        return tuple(name for name in declared if name in asked)

    @cached_property
    def size_bytes(self) -> int:
        """Its memory, nearly, once its tokens are dropped."""
        return 2 * sys.getsizeof(self.text) + _NODE_BYTES * sum(1 for _ in nodes_of(self.tree))


def read_document(
    text: str, operation_name: str | None, tokens_max: int | None, between: Callable[[], None] | None = None
) -> Document:
    """Parse the text, and call `between` after each token. Raises `DocumentRefused` and `UnknownOperation`."""
    try:
        tree = _parsed(text, tokens_max, between)
    except GraphQLError as error:
        raise DocumentRefused([error]) from error
    for operation in _operations(tree):
        if operation_name is None or (operation.name and operation.name.value == operation_name):
            return Document(text, tree, operation, operation_name)
    raise UnknownOperation(f"the document has no operation {operation_name or ''}".rstrip())


def validate_document(
    document: Document, schema: GraphQLSchema, stages: Sequence[Sequence[type[ASTValidationRule]]]
) -> None:
    """Hold the document to the rules; a stage sees only what kept those before. Raises `DocumentRefused`.

    A text full of mistakes is answered with a few of them, so that no answer is much larger than its request, and
    without suggestions.
    """
    for rules in stages:
        if errors := validate(schema, document.tree, rules, max_errors=_ERRORS_MAX, hide_suggestions=True):
            raise DocumentRefused(errors)


def drop_tokens(document: Document) -> None:
    """Take the parser's tokens out of a validated document.

    They are linked in both directions, so that what is dropped would stay until the collector finds the cycle.
    """
    token = document.tree.loc.start_token if document.tree.loc else None
    while token is not None:
        following, token.next, token.prev = token.next, None, None
        token = following
    for node in nodes_of(document.tree):
        if node.loc is not None:
            node.loc.start_token = node.loc.end_token = _NO_TOKEN


def nodes_of(tree: Node) -> Iterator[Node]:
    """Every node of a tree, itself included."""
    waiting: list[object] = [tree]
    while waiting:
        each = waiting.pop()
        if isinstance(each, Node):
            yield each
            waiting.extend(vars(each).values())
        elif isinstance(each, tuple | list):
            waiting.extend(each)


def _operations(tree: DocumentNode) -> list[OperationDefinitionNode]:
    return [each for each in tree.definitions if isinstance(each, OperationDefinitionNode)]


class _Parser(Parser):
    """A parser that calls a function after each token: a long document takes it milliseconds."""

    def __init__(self, text: str, tokens_max: int | None, between: Callable[[], None]) -> None:
        super().__init__(text, max_tokens=tokens_max)
        self._between = between

    def advance_lexer(self) -> None:
        super().advance_lexer()
        self._between()


def _parsed(text: str, tokens_max: int | None, between: Callable[[], None] | None) -> DocumentNode:
    if between is None:
        return parse(text, max_tokens=tokens_max)
    try:
        return _Parser(text, tokens_max, between).parse_document()
    except RecursionError:
        return parse(text, max_tokens=tokens_max)  # raises an error that says where it is nested too deeply
