"""A schema that documents are prepared, priced and executed by, under the limits of this API."""

from collections.abc import Mapping
from typing import Any, Final

from graphql import ExecutionResult, GraphQLError, GraphQLSchema, OperationType, specified_rules
from strawberry.schema.validation_rules.maybe_null import MaybeNullValidationRule
from strawberry.schema.validation_rules.one_of import OneOfInputValidationRule

from api.context import Call
from api.execution.documents import Document, DocumentRefused
from api.execution.executor import Asked, PlanExecutor, Prepared
from api.graphql.limits import TOKENS_MAX, DocumentLimits, GivesWay
from api.graphql.nodes import NodeSchema
from api.graphql.occurrences import Occurrence
from api.limits.cost import Costs
from api.positions import with_tokens
from ledger.kernel.log_context import bind
from ledger.kernel.waiting import give_way

_DOCUMENTS_BYTES_MAX: Final = 16 * 1024 * 1024
"""The memory of the documents that are known: less than a tenth of a server's."""

_LOGGED_NAME_LENGTH_MAX: Final = 64


class ExecutableSchema:
    """Executes the documents of one schema; threads share it."""

    def __init__(self, schema: NodeSchema) -> None:
        self._costs: Final = Costs()
        self.built: Final[GraphQLSchema] = schema.built
        self._executor: Final = PlanExecutor(
            schema.built,
            # The limits come first: what they refuse would cost the other rules more than it is worth.
            stages=[(DocumentLimits,), (GivesWay, *specified_rules, MaybeNullValidationRule, OneOfInputValidationRule)],
            tokens_max=TOKENS_MAX,
            bytes_max=_DOCUMENTS_BYTES_MAX,
            executor_class=schema.execution_context_class,
        )

    def known(self, query: str, operation_name: str | None, *, allowed: frozenset[OperationType]) -> Prepared | None:
        """Return the operation if it is prepared already, which takes no time; None if not. Raises like `prepare`."""
        prepared = self._executor.known(query, operation_name, allowed=allowed)
        return None if prepared is None else _unambiguous(prepared)

    def prepare(self, query: str, operation_name: str | None, *, allowed: frozenset[OperationType]) -> Prepared:
        """Parse, validate and plan one operation of the document, unless that is known.

        Raises `DocumentRefused`, `UnknownOperation` and `OperationNotAllowed`.
        """
        try:
            return _unambiguous(self._executor.prepare(query, operation_name, allowed=allowed, between=give_way))
        except RecursionError as error:
            raise DocumentRefused([GraphQLError(str(error), original_error=error)]) from error

    def ask(self, prepared: Prepared, variables: Mapping[str, Any] | None) -> Asked:
        """Coerce the variables of the operation."""
        return self._executor.ask(prepared, variables)

    def cost(self, asked: Asked) -> int | None:
        """Return the points of the operation with its variables; None if it has no plan.

        Wrong variables cost one point: nothing is executed. Raises `DocumentRefused` for a page that is out of bounds.
        """
        if isinstance(asked.values, list):
            return 1
        try:
            return None if asked.compiled is None else self._costs.of(asked.compiled.plan, asked.values.coerced)
        except GraphQLError as error:
            raise DocumentRefused([error]) from error

    def execute(self, asked: Asked, call: Call, occurrence: Occurrence | None = None) -> ExecutionResult:
        """Execute a partner's operation, a subscription on an occurrence; positions are shown as the partner's tokens.

        The errors of the result are not yet masked. Raises `Following` for a subscription without an occurrence,
        unless its arguments are wrong.
        """
        return with_tokens(lambda: self.run(asked, call, occurrence), call.ordinals)

    def run(self, asked: Asked, context: object, occurrence: Occurrence | None = None) -> ExecutionResult:
        """Execute an operation whose answer shows no position of a partner."""
        _name_in_log(asked.document)
        return self._executor.run(asked, root=occurrence, context=context, between=give_way)


def _unambiguous(prepared: Prepared) -> Prepared:
    if prepared.document.is_ambiguous:
        raise DocumentRefused([GraphQLError("the document has several operations: name one as operationName")])
    return prepared


def _name_in_log(document: Document) -> None:
    """Name the operation in the log of its request, unless the name is long: it is the caller's text."""
    name = document.operation.name.value if document.operation.name else ""
    is_short = 0 < len(name) <= _LOGGED_NAME_LENGTH_MAX
    bind(operation=name if is_short else None, operation_type=document.operation.operation.value)
