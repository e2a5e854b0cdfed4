"""The cost of an operation is known before it runs, by rules that a client can compute from the schema."""

import gc
import weakref

import pytest
from graphql import (
    BooleanValueNode,
    FieldNode,
    FragmentSpreadNode,
    GraphQLError,
    GraphQLSchema,
    InlineFragmentNode,
    ListValueNode,
    ObjectValueNode,
    OperationType,
    VariableNode,
    build_schema,
    get_introspection_query,
    get_named_type,
    get_nullable_type,
    is_abstract_type,
    is_list_type,
    parse,
    type_from_ast,
    value_from_ast_untyped,
)
from graphql.execution.values import VariableValues
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from api.execution.documents import DocumentRefused
from api.execution.executor import PlanExecutor, Prepared
from api.execution.plan import Plan
from api.execution.planning import plan_operation
from api.graphql.schema import _SCHEMA
from api.limits.cost import Costs
from tests.laws.operations import asked

SCHEMA = build_schema("""
    interface Node { id: ID! }
    type Query {
        me: Partner!
        accounts(first: Int! = 20, after: String): AccountConnection!
        both(first: Int, last: Int): AccountConnection!
        nodes(ids: [ID!]!): [Node]!
        events(first: Int! = 20): [Event!]!
    }
    type Mutation { post(input: PostInput!): PostResult! }
    input PostInput { transfers: [TransferInput!]! }
    input TransferInput { amount: Int! tags: [String!] }
    type Partner implements Node { id: ID! name: String }
    type AccountConnection { edges: [AccountEdge!]! nodes: [Account!]! pageInfo: PageInfo! }
    type AccountEdge { cursor: String! node: Account! }
    type PageInfo { hasNextPage: Boolean! }
    type Account implements Node {
        id: ID!
        balance: Money!
        holds(first: Int! = 20): AccountConnection!
        events: [Event!]!
    }
    type Money { minor: String! currency: String! }
    type Event { at: String! }
    union PostResult = Posted | Refused
    type Posted { transfers: [Account!]! }
    type Refused { code: String! message: String! }
""")


def cost(text: str, schema: GraphQLSchema = SCHEMA, **variables: object) -> int:
    executor, costs = PlanExecutor(schema), Costs()
    prepared = executor.prepare(text)
    values = prepared.coerce(variables)
    assert not isinstance(values, list), values
    return costs.of(planned(schema, prepared, values), values.coerced)


def planned(schema: GraphQLSchema, prepared: Prepared, values: VariableValues) -> Plan:
    document = prepared.document
    conditions = {name: values.coerced[name] for name in document.conditions}
    return plan_operation(schema, document.operation, document.fragments, conditions)


@pytest.mark.parametrize(
    ("text", "points"),
    [
        ("{ __typename }", 1),
        ("{ me { id name } }", 50 + 1 + 20 + 2),
        ("{ me { id } again: me { id } }", 2 * (50 + 1 + 20 + 1)),
        ("{ accounts { nodes { id } } }", 50 + 1 + 1 + 20 * (20 + 1)),
        ("{ accounts(first: 3) { nodes { id } } }", 50 + 1 + 1 + 3 * (20 + 1)),
        ("{ accounts(first: 3) { edges { cursor node { id } } } }", 50 + 1 + 1 + 3 * (1 + 1 + 20 + 1)),
        ("{ accounts(first: 3) { pageInfo { hasNextPage } } }", 50 + 1 + 1 + 1),
        ("{ accounts(first: 3) { nodes { balance { minor currency } } } }", 50 + 1 + 1 + 3 * (20 + 1 + 2)),
        ("{ accounts(first: 3) { nodes { holds(first: 7) { nodes { id } } } } }", 100 + 2 + 3 * (20 + 2 + 7 * 21)),
        ("{ accounts(first: 3) { nodes { events { at } } } }", 50 + 2 + 3 * (20 + 1 + 5 * 21)),
        ("{ both(last: 4) { nodes { id } } }", 50 + 1 + 1 + 4 * 21),
        ("{ both { nodes { id } } }", 50 + 1 + 1 + 20 * 21),
        ("{ both(first: null, last: 2) { nodes { id } } }", 50 + 1 + 1 + 2 * 21),
        ('{ nodes(ids: ["a", "b"]) { id } }', 50 + 1 + 2 * 21),
        ("{ events(first: 2) { at } }", 50 + 1 + 2 * 21),
        (
            "mutation { post(input: {transfers: [{amount: 1}, {amount: 2}]}) { ... on Posted { transfers { id } } } }",
            100 + 2 * 50 + 1 + 2 * 21,
        ),
    ],
)
def test_a_cost_is_a_product_of_the_pages_asked_for(text, points):
    assert cost(text) == points


def test_a_page_of_a_variable_costs_what_the_variable_says():
    query = "query ($n: Int! = 20) { accounts(first: $n) { nodes { id } } }"

    assert cost(query, n=4) == cost("{ accounts(first: 4) { nodes { id } } }")
    assert cost(query) == cost("{ accounts { nodes { id } } }")


def test_orders_in_a_variable_cost_as_many_as_there_are():
    query = "mutation ($input: PostInput!) { post(input: $input) { ... on Posted { transfers { id } } } }"

    one, three = (cost(query, input={"transfers": [{"amount": 1}] * number}) for number in (1, 3))

    assert three - one == 2 * (50 + 21)


HOLDS = "transfers { holds(first: %d) { nodes { id } } }"


@pytest.mark.parametrize("size", [0, -1, 101, 2**31 - 1])
def test_a_page_out_of_bounds_is_refused_at_its_place_before_anything_runs(size):
    for text, variables in [
        (f"{{ accounts {{ nodes {{ holds(first: {size}) {{ nodes {{ id }} }} }} }} }}", {}),
        (f"mutation {{ post(input: {{transfers: []}}) {{ ... on Posted {{ {HOLDS % size} }} }} }}", {}),
        ("query ($n: Int!) { accounts(first: $n) { nodes { id } } }", {"n": size}),
        (f"{{ accounts(first: {size}) {{ pageInfo {{ hasNextPage }} }} }}", {}),
    ]:
        with pytest.raises(GraphQLError, match="first is 1 to 100") as refused:
            cost(text, **variables)

        assert refused.value.locations
        assert refused.value.original_error.code == "invalid_input"


def test_a_cost_lives_as_long_as_its_plan():
    executor, costs = PlanExecutor(SCHEMA), Costs()
    prepared = executor.prepare("{ me { id } }")
    plan = planned(SCHEMA, prepared, prepared.coerce({}))
    costs.of(plan, {})
    kept = weakref.ref(plan)
    gc.disable()
    try:
        del executor, prepared, plan

        assert kept() is None
    finally:
        gc.enable()


def test_the_schema_describes_itself_at_a_cost_by_its_mean_lengths():
    types = len(_SCHEMA.built.type_map)

    assert cost(get_introspection_query(), _SCHEMA.built) < 15_000
    assert cost("{ __schema { types { name } } }", _SCHEMA.built) == 50 + 1 + 1
    assert cost("{ __schema { types { fields { type { name } } } } }", _SCHEMA.built) == 50 + 1 + 1 + types * (1 + 3)


@settings(suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much])
@given(data=st.data())
def test_a_client_that_knows_the_schema_and_the_guide_computes_the_same_cost(data):
    request = data.draw(asked(SCHEMA))
    executor = PlanExecutor(SCHEMA)
    try:
        prepared = executor.prepare(request.text)
    except DocumentRefused:  # a variation may rename two fields alike
        assume(False)
    values = prepared.coerce(request.variables)
    assume(not isinstance(values, list))
    assume(all(isinstance(values.coerced.get(name), bool) for name in prepared.document.conditions))
    plan = planned(SCHEMA, prepared, values)
    client = _Client(request.text, values.coerced)

    try:
        expected = client.cost()
    except ValueError:
        with pytest.raises(GraphQLError):
            Costs().of(plan, values.coerced)
    else:
        assert Costs().of(plan, values.coerced) == expected


class _Client:
    """The rules of docs/guides/limits.md over a document and its variables, as a client would write them."""

    def __init__(self, text: str, variables: dict[str, object]) -> None:
        tree = parse(text)
        self.variables = variables
        (self.operation,) = (each for each in tree.definitions if hasattr(each, "operation"))
        self.fragments = {each.name.value: each for each in tree.definitions if hasattr(each, "type_condition")}

    def cost(self) -> int:
        root = SCHEMA.get_root_type(self.operation.operation)
        changes = self.operation.operation is OperationType.MUTATION
        points = 0
        for nodes in self.fields(root, [self.operation.selection_set]).values():
            node, definition = nodes[0], SCHEMA.get_field(root, nodes[0].name.value)
            points += 50 * self.lookups(nodes, definition, is_root=not changes)
            if changes:
                items = sum(map(self.items, (each.value for each in node.arguments or ())))
                points += 100 + 50 * items + self.object(nodes, definition, items)
            else:
                points += self.field(nodes, definition, None)
        return points

    def lookups(self, nodes, definition, *, is_root):
        is_one = ("first" in definition.args) or (is_root and nodes[0].selection_set is not None)
        inner = 0
        for type_ in self.types(definition):
            for below in self.fields(type_, self.sets(nodes)).values():
                inner += self.lookups(below, SCHEMA.get_field(type_, below[0].name.value), is_root=False)
        return is_one + inner

    def field(self, nodes, definition, page):
        if nodes[0].selection_set is None:
            return 1
        own = self.page(nodes[0], definition)
        if not is_list_type(get_nullable_type(definition.type)):
            return 1 + self.object(nodes, definition, own)
        items = own or page
        if items is None:
            takes_list = any(is_list_type(get_nullable_type(each.type)) for each in definition.args.values())
            items = sum(map(self.items, (each.value for each in nodes[0].arguments or ()))) if takes_list else 5
        return 1 + items * self.object(nodes, definition, None)

    def object(self, nodes, definition, page):
        is_item = is_list_type(get_nullable_type(definition.type))
        of_types = [0]
        for type_ in self.types(definition):
            is_row = bool(type_.interfaces) or (is_item and not type_.name.endswith("Edge"))
            fields = self.fields(type_, self.sets(nodes)).values()
            of_types.append(
                20 * is_row
                + sum(self.field(below, SCHEMA.get_field(type_, below[0].name.value), page) for below in fields)
            )
        return max(of_types)

    def page(self, node, definition):
        if "first" not in definition.args:
            return None
        given = {each.name.value: self.value(each.value) for each in node.arguments or ()}
        sizes = [given[name] for name in ("first", "last") if given.get(name) is not None]
        if any(not 1 <= each <= 100 for each in sizes):
            raise ValueError(sizes)
        return max(sizes, default=20)

    def items(self, value):
        if isinstance(value, VariableNode):
            return self.sent(self.variables.get(value.name.value))
        if isinstance(value, ListValueNode):
            return len(value.values) + sum(map(self.items, value.values))
        return sum(self.items(each.value) for each in value.fields) if isinstance(value, ObjectValueNode) else 0

    def sent(self, value):
        if isinstance(value, list):
            return len(value) + sum(map(self.sent, value))
        return sum(map(self.sent, value.values())) if isinstance(value, dict) else 0

    def value(self, node):
        return self.variables.get(node.name.value) if isinstance(node, VariableNode) else value_from_ast_untyped(node)

    def types(self, definition):
        named = get_named_type(definition.type)
        if is_abstract_type(named):
            return SCHEMA.get_possible_types(named)
        return [named] if hasattr(named, "interfaces") else []

    def sets(self, nodes):
        return [node.selection_set for node in nodes if node.selection_set]

    def fields(self, type_, sets, found=None, spread=None):
        found, spread = ({}, set()) if found is None else (found, spread)
        for node in (node for each in sets for node in each.selections if self.is_included(node)):
            if isinstance(node, FieldNode):
                found.setdefault(node.alias.value if node.alias else node.name.value, []).append(node)
                continue
            fragment = node
            if isinstance(node, FragmentSpreadNode):
                if node.name.value in spread:
                    continue
                fragment = self.fragments[node.name.value]
            assert isinstance(node, FragmentSpreadNode | InlineFragmentNode)
            if fragment.type_condition is not None:
                condition = type_from_ast(SCHEMA, fragment.type_condition)
                if condition is not type_ and not (
                    is_abstract_type(condition) and SCHEMA.is_sub_type(condition, type_)
                ):
                    continue
            if isinstance(node, FragmentSpreadNode):
                spread.add(node.name.value)
            self.fields(type_, [fragment.selection_set], found, spread)
        return found

    def is_included(self, node):
        for directive in node.directives or ():
            (argument,) = directive.arguments
            is_true = (
                argument.value.value if isinstance(argument.value, BooleanValueNode) else self.value(argument.value)
            )
            if is_true is (directive.name.value == "skip"):
                return False
        return True
