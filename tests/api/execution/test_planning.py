"""Plans can be read, are made once, and leave to graphql-core what they do not know."""

import json

import pytest
from graphql import (
    GraphQLSchema,
    OperationType,
    build_schema,
    execute_sync,
    get_introspection_query,
    parse,
)

from api.execution.documents import DocumentRefused, UnknownOperation
from api.execution.executor import OperationNotAllowed, PlanExecutor
from api.execution.planning import plan_operation
from api.execution.selections import Unplannable
from tests.laws.execution_results import shown

SDL = """
    interface Node { id: ID! }
    type Account implements Node { id: ID! name(upper: Boolean = false): String parent: Account }
    type Transfer implements Node { id: ID! amount: Int! }
    type Query { account(id: ID!): Account nodes(first: Int = 2): [Node!] slow: String }
    type Mutation { open(name: String!): Account }
    type Subscription { opened: Account }
"""
TREE = """\
query Query
  account(id: $id): Account
    title: name(upper: true): String
    parent: Account
      id: ID!
  nodes: [Node!]
    on Account
      id: ID!
    on Transfer
      id: ID!
      cents: amount: Int!"""
ACCOUNT = {"__typename": "Account", "id": "acc_1", "name": "wallet", "parent": {"id": None, "name": "bank"}}


@pytest.fixture
def schema() -> GraphQLSchema:
    return build_schema(SDL)


@pytest.fixture
def executor(schema: GraphQLSchema) -> PlanExecutor:
    return PlanExecutor(schema)


def _planned(executor: PlanExecutor, text: str, **variables):
    prepared = executor.prepare(text)
    executor.run(executor.ask(prepared, variables), root={})
    return prepared


def test_a_plan_is_printed_as_a_tree_of_what_is_read(executor):
    text = """
        query ($id: ID!) { account(id: $id) { ...Named parent { id } } nodes { id ... on Transfer { cents: amount } } }
        fragment Named on Account { title: name(upper: true) }
    """

    prepared = _planned(executor, text, id="acc_1")

    assert str(prepared.plans[()].plan) == TREE


def test_a_document_is_parsed_and_planned_once(executor):
    first, second = (_planned(executor, "{ nodes { id } }") for _ in range(2))

    assert first is second
    assert list(first.plans) == [()]


def test_each_assignment_of_the_conditions_has_a_plan_of_its_own_and_few_are_kept(executor):
    names = [f"c{number}" for number in range(5)]
    declared = ", ".join(f"${name}: Boolean!" for name in names)
    text = f"query ({declared}) {{ {' '.join(f'{name}: slow @skip(if: ${name})' for name in names)} }}"

    for number in range(32):
        prepared = _planned(executor, text, **{name: bool(number >> bit & 1) for bit, name in enumerate(names)})

    assert len(prepared.plans) == 8


def test_an_operation_is_planned_whatever_conditions_another_of_its_document_has(executor):
    text = "query A { slow } query B($c: Boolean!) { slow @skip(if: $c) }"
    prepared = executor.prepare(text, "A")

    executor.run(executor.ask(prepared))

    assert prepared.plans[()] is not None


@pytest.mark.parametrize("condition", [{}, {"c": None}, {"c": True}, {"c": False}])
def test_a_condition_that_is_null_is_an_error_where_graphql_core_says(executor, schema, condition):
    text = "query ($c: Boolean = true) { account(id: 1) { id name @include(if: $c) } }"
    root = {"account": lambda _info, **_arguments: ACCOUNT}

    planned = executor.run(executor.ask(executor.prepare(text), condition), root=root)

    assert shown(planned) == shown(execute_sync(schema, parse(text), root, variable_values=condition))


def test_an_operation_is_found_by_its_name_and_refused_before_it_is_validated(executor):
    text = "query A { nodes { id } } mutation B { nothing }"

    with pytest.raises(OperationNotAllowed):
        executor.prepare(text, "B", allowed={OperationType.QUERY})
    with pytest.raises(DocumentRefused, match="Cannot query field 'nothing'"):
        executor.prepare(text, "B")
    with pytest.raises(UnknownOperation):
        executor.prepare(text, "C")
    with pytest.raises(DocumentRefused, match="Syntax Error"):
        executor.prepare("{")


def test_several_operations_without_a_name_are_what_graphql_core_says_of_them(executor, schema):
    text = "query A { slow } query B { slow }"
    prepared = executor.prepare(text)

    assert prepared.document.is_ambiguous
    assert shown(executor.run(executor.ask(prepared))) == shown(execute_sync(schema, parse(text)))


def test_introspection_is_planned(executor, schema):
    text = get_introspection_query()

    planned = executor.run(executor.ask(executor.prepare(text)))

    assert json.dumps(planned.data) == json.dumps(execute_sync(schema, parse(text)).data)
    assert executor.prepare(text).plans[()] is not None


def test_fragments_that_spread_each_other_without_end_are_left_to_graphql_core(executor):
    text = "{ ...F0 }" + "".join(
        f" fragment F{n} on Query {{ {'account(id: 1) { parent { ...P0 } }' if n == 20 else f'...F{n + 1}'} }}"
        for n in range(21)
    )
    text += "".join(
        f" fragment P{n} on Account {{ a: parent {{ ...P{n + 1} }} b: parent {{ ...P{n + 1} }} }}" for n in range(20)
    )
    prepared = executor.prepare(text + " fragment P20 on Account { id }")

    result = executor.run(executor.ask(prepared), root={"account": lambda _info, **_arguments: {"parent": {"b": 1}}})

    assert prepared.plans[()] is None
    assert result.data == {"account": {"parent": {"a": None, "b": None}}}


def test_an_asynchronous_resolver_is_left_to_graphql_core(schema, executor):
    async def slow(_source: object, _info: object) -> str:
        return "done"

    schema.query_type.fields["slow"].resolve = slow
    document = executor.prepare("{ slow }").document

    with pytest.raises(Unplannable):
        plan_operation(schema, document.operation, {}, {})


def test_an_unknown_directive_is_left_to_graphql_core():
    schema = build_schema(SDL + " directive @own on FIELD")

    assert _planned(PlanExecutor(schema), "{ slow @own }").plans[()] is None


def test_a_subscription_is_executed_on_the_value_of_an_event(executor):
    prepared = executor.prepare("subscription { opened { id } }")

    result = executor.run(executor.ask(prepared), root={"opened": ACCOUNT})

    assert prepared.plans[()] is not None
    assert result.data == {"opened": {"id": "acc_1"}}


def test_root_fields_of_a_mutation_are_executed_in_their_order(executor):
    done: list[str] = []
    root = {"open": lambda _info, name: done.append(name) or ACCOUNT}

    prepared = executor.prepare('mutation { b: open(name: "b") { id } a: open(name: "a") { id } }')
    result = executor.run(executor.ask(prepared), root=root)

    assert done == ["b", "a"]
    assert list(result.data) == ["b", "a"]
