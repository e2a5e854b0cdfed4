"""A plugin of ariadne-codegen: calls make their idempotency key, return what was done, and raise what was refused."""

import ast
import copy
from collections.abc import Iterator
from typing import Any, Final

from ariadne_codegen.plugins.base import Plugin
from graphql import (
    FieldNode,
    GraphQLInterfaceType,
    GraphQLObjectType,
    GraphQLSchema,
    GraphQLUnionType,
    OperationDefinitionNode,
    OperationType,
    get_named_type,
)
from pydantic.alias_generators import to_camel

_KEY: Final = "idempotency_key"
_BUILT_IN: Final = {"Optional", "Union", "list", "str", "int", "bool"}
_TRANSPORTS: Final = {"Client": ("blocking", "Transport"), "AsyncClient": ("asynchronous", "AsyncTransport")}
"""The module and the class that each client is built on; both are written by hand."""


class CofferdamPlugin(Plugin):
    """Shapes what is generated to the conventions of the API, which its schema states by the interface `Refusal`."""

    def __init__(self, schema: GraphQLSchema, config_dict: dict[str, Any]) -> None:
        super().__init__(schema, config_dict)
        refusal = schema.type_map["Refusal"]
        assert isinstance(refusal, GraphQLInterfaceType)
        self._refusals = {each.name for each in schema.get_implementations(refusal).objects}
        self._answers: dict[str, tuple[str, ast.expr]] = {}
        self._homes: dict[str, str] = {}

    def generate_result_types_module(
        self, module: ast.Module, operation_definition: OperationDefinitionNode
    ) -> ast.Module:
        """Leave only successes in a result that may be a refusal: refusals are raised before anything is parsed."""
        classes = {node.name: node for node in module.body if isinstance(node, ast.ClassDef)}
        whole = next(iter(classes.values()))
        (field,) = (node for node in whole.body if isinstance(node, ast.AnnAssign))
        assert isinstance(field.target, ast.Name), "a document has one field"
        if done := [name for name in classes if self._is_success(name, whole.name, operation_definition)]:
            is_mutation = operation_definition.operation is OperationType.MUTATION
            field.annotation = _one_of(done) if is_mutation else ast.Subscript(ast.Name("Optional"), _one_of(done))
            kept = set(_reached(whole.name, classes, module))
            module.body = [node for node in module.body if _defined(node) is None or _defined(node) in kept]
        shown = {
            node.targets[0].id: node.value.id
            for node in module.body
            if isinstance(node, ast.Assign)
            and isinstance(node.targets[0], ast.Name)
            and isinstance(node.value, ast.Name)
        }
        answer = _bare(copy.deepcopy(field.annotation))
        for node in ast.walk(answer):
            if isinstance(node, ast.Name):
                home = "fragments" if node.id in shown else _file(whole.name)
                node.id = shown.get(node.id, node.id)
                if node.id not in _BUILT_IN:
                    self._homes[node.id] = home
        self._answers[_name(operation_definition)] = (field.target.id, answer)
        return module

    def generate_client_method(
        self, method_def: ast.FunctionDef | ast.AsyncFunctionDef, operation_definition: OperationDefinitionNode
    ) -> ast.FunctionDef | ast.AsyncFunctionDef:
        """Return the one field of a document, and say what it is; the idempotency key of a mutation is optional."""
        field, answer = self._answers[_name(operation_definition)]
        method_def.returns = answer
        if operation_definition.operation is OperationType.SUBSCRIPTION:
            method_def.returns = ast.Subscript(ast.Name("AsyncIterator"), answer)
        for node in ast.walk(method_def):
            if isinstance(node, ast.Return | ast.Yield) and node.value is not None:
                node.value = ast.Attribute(node.value, field)
        method_def.body.insert(0, ast.Expr(ast.Constant(self._says(operation_definition))))
        method_def.args.kwarg = None
        for node in ast.walk(method_def):
            if isinstance(node, ast.Call):
                node.keywords = [each for each in node.keywords if each.arg is not None]
        if operation_definition.operation is OperationType.MUTATION:
            _make_key_optional(method_def)
        return method_def

    def generate_client_module(self, module: ast.Module) -> ast.Module:
        """Import the transport that is written by hand, and of the results only those that are used."""
        client = next(node for node in module.body if isinstance(node, ast.ClassDef))
        file, transport = _TRANSPORTS[client.name]
        client.bases = [ast.Name(transport)]
        client.body.insert(0, ast.Expr(ast.Constant("Calls of the API, each with the types of its answer.")))
        used = {node.id for node in ast.walk(module) if isinstance(node, ast.Name)}
        for node in module.body:
            if isinstance(node, ast.ImportFrom) and node.module == "base_client":
                node.module, node.level = file, 2
            elif isinstance(node, ast.ImportFrom) and node.module == "async_base_client":
                node.module, node.level, node.names = file, 2, [ast.alias(transport)]
            elif isinstance(node, ast.ImportFrom):
                node.names = [each for each in node.names if each.name in used and each.name not in self._homes]
            if isinstance(node, ast.ImportFrom) and node.module == file:
                node.names = [ast.alias(transport)]
        kept = [node for node in module.body if not isinstance(node, ast.ImportFrom) or node.names]
        needed = [
            ast.ImportFrom(home, [ast.alias(name)], 1) for name, home in sorted(self._homes.items()) if name in used
        ]
        module.body = [*needed, *kept]
        return module

    def generate_enum(self, class_def: ast.ClassDef, **_more: object) -> ast.ClassDef:
        """Let an enum have members that came later: a version of the schema only grows."""
        class_def.bases = [ast.Name("OpenEnum")]
        return class_def

    def generate_enums_module(self, module: ast.Module) -> ast.Module:
        """Import the kind of enum that grows."""
        imports = ast.ImportFrom(module="open_enum", names=[ast.alias("OpenEnum")], level=2)
        module.body = [imports, *(node for node in module.body if not isinstance(node, ast.ImportFrom))]
        return module

    def generate_input_field(self, field_implementation: ast.AnnAssign, **_more: object) -> ast.AnnAssign:
        """Leave the name in JSON to the model, so that type checkers know arguments by their names in Python."""
        return _without_alias(field_implementation)

    def generate_result_field(self, field_implementation: ast.AnnAssign, **_more: object) -> ast.AnnAssign:
        """Do the same for what is read."""
        return _without_alias(field_implementation)

    def _says(self, operation: OperationDefinitionNode) -> str:
        (field,) = (each for each in operation.selection_set.selections if isinstance(each, FieldNode))
        return self._root(operation).fields[field.name.value].description or ""

    def _is_success(self, name: str, whole: str, operation: OperationDefinitionNode) -> bool:
        (field,) = (each for each in operation.selection_set.selections if isinstance(each, FieldNode))
        kind = self._root(operation).fields[field.name.value].type
        if not isinstance(get_named_type(kind), GraphQLUnionType):
            return False
        prefix = whole + field.name.value[0].upper() + field.name.value[1:]
        member = self.schema.type_map.get(name.removeprefix(prefix))
        return name.startswith(prefix) and isinstance(member, GraphQLObjectType) and member.name not in self._refusals

    def _root(self, operation: OperationDefinitionNode) -> GraphQLObjectType:
        root = self.schema.get_root_type(operation.operation)
        assert root is not None
        return root


def _make_key_optional(method: ast.FunctionDef | ast.AsyncFunctionDef) -> None:
    """Take the key by name only, and make one where there is none: once for all attempts of the call."""
    arguments = method.args
    arguments.args = [each for each in arguments.args if each.arg != _KEY]
    arguments.kwonlyargs.append(ast.arg(_KEY, ast.parse("str | None", mode="eval").body))
    arguments.kw_defaults.append(ast.Constant(None))
    for node in ast.walk(method):
        if isinstance(node, ast.Dict):
            key = ast.parse(f"self.key_of_call({_KEY})", mode="eval").body
            node.values = [key if isinstance(each, ast.Name) and each.id == _KEY else each for each in node.values]


def _one_of(names: list[str]) -> ast.expr:
    """Return the type of one of several models, told apart by the name of their types."""
    if len(names) == 1:
        return ast.Name(f'"{names[0]}"')
    union = ", ".join(f'"{each}"' for each in names)
    return ast.parse(f'Annotated[Union[{union}], Field(discriminator="typename__")]', mode="eval").body


def _bare(annotation: ast.expr) -> ast.expr:
    """Return an annotation as a method has it: without quotes, and without what tells a model how to parse."""
    for node in ast.walk(annotation):
        if isinstance(node, ast.Subscript) and isinstance(node.slice, ast.Subscript) and _is_annotated(node.slice):
            node.slice = node.slice.slice.elts[0] if isinstance(node.slice.slice, ast.Tuple) else node.slice
    text = ast.unparse(annotation).replace('"', "").replace("'", "")
    return ast.parse(text, mode="eval").body


def _is_annotated(node: ast.Subscript) -> bool:
    return isinstance(node.value, ast.Name) and node.value.id == "Annotated"


def _file(name: str) -> str:
    """Return the module of a result: `post_hold` of `PostHold`."""
    return "".join(f"_{each.lower()}" if each.isupper() else each for each in name).removeprefix("_")


def _name(operation: OperationDefinitionNode) -> str:
    assert operation.name is not None
    return operation.name.value


def _defined(node: ast.stmt) -> str | None:
    """Return the name of the model that a statement defines, or builds again."""
    if isinstance(node, ast.ClassDef):
        return node.name
    if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
        return node.targets[0].id
    if isinstance(node, ast.Expr) and isinstance(node.value, ast.Call) and isinstance(node.value.func, ast.Attribute):
        return node.value.func.value.id if isinstance(node.value.func.value, ast.Name) else None
    return None


def _reached(name: str, classes: dict[str, ast.ClassDef], module: ast.Module) -> Iterator[str]:
    yield name
    known = set(map(_defined, module.body))
    for node in ast.walk(classes[name]) if name in classes else ():
        found = _text(node).strip("'\"")
        if found in known and found != name:
            yield from _reached(found, classes, module)


def _text(node: ast.AST) -> str:
    """Return what may be the name of a model: a name, which may be quoted, or a text."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    return node.id if isinstance(node, ast.Name) else ""


def _without_alias(field: ast.AnnAssign) -> ast.AnnAssign:
    call, target = field.value, field.target
    if not isinstance(call, ast.Call) or not isinstance(target, ast.Name):
        return field
    call.keywords = [
        each
        for each in call.keywords
        if not (
            each.arg == "alias" and isinstance(each.value, ast.Constant) and each.value.value == to_camel(target.id)
        )
    ]
    if not call.keywords and not call.args:
        field.value = None
    elif [each.arg for each in call.keywords] == ["default"] and not call.args:
        field.value = call.keywords[0].value
    return field
