"""Cost: the points that an operation may take, known from its plan and variables before anything runs.

docs/guides/limits.md states the rules for callers. Over lists, a point is three to four microseconds of CPU.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final
from weakref import WeakKeyDictionary

from graphql import GraphQLObjectType, GraphQLSchema, OperationType, get_nullable_type, is_list_type

from api.execution.plan import Field, Plan
from api.limits.expressions import Number, Variables, greatest, product, total, value_of
from api.limits.introspection import schema_items
from api.limits.sizes import LIST_ITEMS, input_items, listed_items, page_of

FIELD: Final = 1
OBJECT: Final = 20
"""An object with an id, or an item of a list: most are rows that are read."""

LOOKUP: Final = 50
"""A field of a query that has fields, and a page wherever it is: a statement, even for all items of a list."""

MUTATION: Final = 100
ORDER: Final = 50
"""An item of a list in the input of a mutation: most are transfers, each of which is judged and written."""

Cost = Callable[[Variables], int]
"""Gives the cost of an operation for its coerced variables. Raises `GraphQLError` for a page that is out of bounds."""


class Costs:
    """The costs of plans, each compiled once, and kept for as long as its plan."""

    def __init__(self) -> None:
        self._by_plan: WeakKeyDictionary[Plan, Cost] = WeakKeyDictionary()

    def of(self, plan: Plan, variables: Variables) -> int:
        """Return the cost of one execution. Raises `GraphQLError` for a page that is out of bounds."""
        cost = self._by_plan.get(plan)
        if cost is None:
            self._by_plan[plan] = cost = compile_cost(plan)
        return cost(variables)


def compile_cost(plan: Plan) -> Cost:
    """Compute what is known of the plan, and leave what its variables decide."""
    is_mutation = plan.operation.operation is OperationType.MUTATION
    rules = _Rules(plan.schema)
    fields = [rules.mutation(each) if is_mutation else rules.field(each) for each in plan.root.fields]
    lookups = sum(_lookups(each, is_query=not is_mutation) for each in plan.root.fields)
    cost = total([LOOKUP * lookups, *fields])
    return lambda variables: value_of(cost, variables)


@dataclass(frozen=True, slots=True)
class _Rules:
    schema: GraphQLSchema

    def mutation(self, field: Field) -> Number:
        """Return the cost of a change, and of its answer, whose lists have an item for each of the input."""
        items = input_items(field)
        return total([MUTATION, product(ORDER, items), self._object(field, items)])

    def field(self, field: Field, page: Number | None = None) -> Number:
        """Return the cost of a field; `page` is that of the connection around it, if it is in one."""
        if not field.selections:
            return 0 if _is_introspection(field.parent) else FIELD
        own = page_of(field)
        if _is_list(field):
            return total([FIELD, product(self._items(field, own or page), self._object(field))])
        if field.name == "ofType" and _is_introspection(field.parent):
            return self._object(field)  # null within a step or two, however often a document asks for it
        return total([FIELD, self._object(field, own), _refused_out_of_bounds(own)])

    def _items(self, field: Field, page: Number | None) -> Number:
        if _is_introspection(field.parent):
            return schema_items(self.schema, field.name)
        return next((each for each in (page, listed_items(field)) if each is not None), LIST_ITEMS)

    def _object(self, field: Field, page: Number | None = None) -> Number:
        """Return the cost of one object of the field, of whichever type costs most."""
        return greatest(
            total([_own(each.type, is_item=_is_list(field)), *(self.field(inner, page) for inner in each.fields)])
            for each in field.selections.values()
        )


def _lookups(field: Field, *, is_query: bool = False) -> int:
    """Count the field and those in it that are looked up."""
    is_one = page_of(field) is not None or (is_query and bool(field.selections))
    return is_one + sum(_lookups(inner) for each in field.selections.values() for inner in each.fields)


def _own(type_: GraphQLObjectType, *, is_item: bool) -> int:
    """Return the cost of an object without its fields."""
    is_node = any(each.name == "Node" for each in type_.interfaces)
    is_row = is_node or (is_item and not type_.name.endswith("Edge"))
    return OBJECT if is_row and not _is_introspection(type_) else 0


def _refused_out_of_bounds(page: Number | None) -> Number:
    """Cost nothing, but raise the error of a page that is out of bounds, also where none of its items is asked for."""
    return 0 if page is None or isinstance(page, int) else product(0, page)


def _is_list(field: Field) -> bool:
    return is_list_type(get_nullable_type(field.definition.type))


def _is_introspection(type_: GraphQLObjectType) -> bool:
    return type_.name.startswith("__")
