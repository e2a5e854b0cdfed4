"""The executor: executes operations byte for byte as graphql-core's `execute_sync` does.

A document is parsed, validated and planned once, and kept with its plans. graphql-core executes whatever has no plan:
asynchronous resolvers, incremental delivery, directives other than `@skip` and `@include`. A subscription is executed
on the value of one event as its root, as graphql-core's ExecuteSubscriptionEvent does; streaming is the caller's.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple

from graphql import (
    ASTValidationRule,
    ExecutionResult,
    Executor,
    GraphQLError,
    GraphQLSchema,
    OperationType,
    assert_valid_schema,
    execute_sync,
    specified_rules,
)
from graphql.execution.values import VariableValues

from api.execution.cache import Cache
from api.execution.documents import Document, drop_tokens, read_document, validate_document
from api.execution.fields import compile_plan
from api.execution.plan import Plan
from api.execution.planning import plan_operation
from api.execution.run import Run, pattern_of
from api.execution.selections import Unplannable
from api.execution.variables import Coerce, compile_variables

_BYTES_MAX: Final = 32 * 1024 * 1024
_DOCUMENT_BYTES: Final = 10_000
_FIELD_BYTES: Final = 3_000
"""Memory of a document beside its nodes, and of a planned field with its closures, as measured; a test holds them."""

_PLANS_MAX: Final = 8
"""Plans kept of one document, which has one for each assignment of the variables of its conditions."""


class OperationNotAllowed(Exception):
    """The operation is of a kind that this caller may not execute."""

    def __init__(self, kind: OperationType) -> None:
        super().__init__(f"a {kind.value} is not allowed")
        self.kind = kind


class Compiled(NamedTuple):
    """A plan, and what executes it."""

    plan: Plan
    execute: Callable[[Run], dict[str, Any]]


class Asked(NamedTuple):
    """An operation with its coerced variables, or what is wrong with them; no plan if graphql-core executes it."""

    document: Document
    compiled: Compiled | None
    values: VariableValues | list[GraphQLError]
    sent: Mapping[str, Any] | None


@dataclass(frozen=True, slots=True, eq=False)
class Prepared:
    """A validated document with the plans that it was executed by; None where there can be none."""

    document: Document
    coerce: Coerce
    plans: dict[tuple[bool, ...], Compiled | None] = field(default_factory=dict)
    notes: dict[str, Any] = field(default_factory=dict)
    """For the application: a few values by name, which it keeps as long as the document is kept."""

    @property
    def size_bytes(self) -> int:
        """Its memory with all plans, nearly."""
        planned = sum(each.plan.size for each in list(self.plans.values()) if each is not None)
        return _DOCUMENT_BYTES + self.document.size_bytes + planned * _FIELD_BYTES


class PlanExecutor:
    """Executes operations of one schema; threads share it.

    `stages` are the rules of validation: those of a stage see only what kept all rules before. `executor_class` is what
    graphql-core executes with, and what makes the info of resolvers.
    """

    def __init__(
        self,
        schema: GraphQLSchema,
        *,
        stages: Sequence[Sequence[type[ASTValidationRule]]] = (tuple(specified_rules),),
        tokens_max: int | None = None,
        bytes_max: int = _BYTES_MAX,
        executor_class: type[Executor[Any]] = Executor,
    ) -> None:
        assert_valid_schema(schema)
        self._schema, self._stages, self._tokens_max = schema, stages, tokens_max
        self._executor_class, self._pattern = executor_class, pattern_of(schema, executor_class)
        self._cache: Cache[tuple[str, str | None], Prepared] = Cache(bytes_max)

    def prepare(
        self,
        text: str,
        operation_name: str | None = None,
        *,
        allowed: Collection[OperationType] = OperationType,
        between: Callable[[], None] | None = None,
    ) -> Prepared:
        """Parse and validate, unless that is known; of an operation that is not allowed nothing is validated.

        `between` is called after each token that is parsed: a long document may pause there, as `run` may.

        Raises `DocumentRefused`, `UnknownOperation` and `OperationNotAllowed`.
        """
        if (known := self.known(text, operation_name, allowed=allowed)) is not None:
            return known
        document = read_document(text, operation_name, self._tokens_max, between)
        _require_allowed(document, allowed)
        validate_document(document, self._schema, self._stages)
        drop_tokens(document)
        return self._kept(Prepared(document, compile_variables(document.operation, self._schema)))

    def known(
        self, text: str, operation_name: str | None = None, *, allowed: Collection[OperationType] = OperationType
    ) -> Prepared | None:
        """Return the operation if it is prepared already; None if not. Raises `OperationNotAllowed`."""
        known = self._cache.get((text, operation_name))
        if known is not None:
            _require_allowed(known.document, allowed)
        return known

    def ask(self, prepared: Prepared, variables: Mapping[str, Any] | None = None) -> Asked:
        """Coerce the variables, and choose the plan for them; `run` executes it."""
        values = prepared.coerce(variables or {})
        compiled = None if isinstance(values, list) else self._compiled(prepared, values)
        return Asked(prepared.document, compiled, values, variables)

    def run(
        self, asked: Asked, *, root: Any = None, context: Any = None, between: Callable[[], None] | None = None
    ) -> ExecutionResult:
        """Execute the operation; its errors are in the result. `between` is called after each item of a list."""
        compiled, values = asked.compiled, asked.values
        if isinstance(values, list):
            return ExecutionResult(None, values)
        if compiled is None:
            return self._by_graphql_core(asked.document, root, context, asked.sent)
        run = Run(compiled.plan, self._pattern, root=root, context=context, variables=values)
        run.between = between or run.between
        try:
            data = compiled.execute(run)
        except GraphQLError as error:
            run.errors.append(error)
            return ExecutionResult(None, run.errors)
        return ExecutionResult(data, run.errors or None)

    def _compiled(self, prepared: Prepared, values: VariableValues) -> Compiled | None:
        """Return the plan for these values of the conditions, made at its first use; None if there can be none."""
        asked = [values.coerced.get(name) for name in prepared.document.conditions]
        conditions = tuple(each for each in asked if isinstance(each, bool))
        if len(conditions) < len(asked):  # a null, of which graphql-core says where it may not stand
            return None
        if conditions in prepared.plans:
            return prepared.plans[conditions]
        compiled = self._planned(prepared.document, conditions)
        if len(prepared.plans) < _PLANS_MAX:
            prepared.plans[conditions] = compiled
            self._kept(prepared)
        return compiled

    def _planned(self, document: Document, conditions: Sequence[bool]) -> Compiled | None:
        if document.is_ambiguous or not document.is_plain:
            return None
        values = dict(zip(document.conditions, conditions, strict=True))
        try:
            plan = plan_operation(self._schema, document.operation, document.fragments, values)
        except Unplannable:
            return None
        return Compiled(plan, compile_plan(plan))

    def _kept(self, prepared: Prepared) -> Prepared:
        document = prepared.document
        self._cache.put((document.text, document.operation_name), prepared, prepared.size_bytes)
        return prepared

    def _by_graphql_core(
        self, document: Document, root: Any, context: Any, variables: Mapping[str, Any] | None
    ) -> ExecutionResult:
        return execute_sync(
            self._schema,
            document.tree,
            root,
            context,
            None if variables is None else dict(variables),
            document.operation_name,
            executor_class=self._executor_class,
        )


def _require_allowed(document: Document, allowed: Collection[OperationType]) -> None:
    if document.operation.operation not in allowed:
        raise OperationNotAllowed(document.operation.operation)
