"""The operators' GraphQL endpoint: for signed-in operators alone, in the database role of their readers."""

from collections.abc import Mapping
from typing import Final

from graphql import ExecutionResult, GraphQLError, OperationType
from starlette.requests import Request

from api.execution.documents import DocumentRefused
from api.execution.executor import Asked
from api.graphql.root_fields import asked_actions
from api.graphql_endpoint import ANSWERED, Answer, Executed, GraphQLEndpoint, pause_before_refusal
from api.limits.admission import Admission
from api.limits.deadlines import attended
from api.limits.refusals import CostTooHigh
from api.operators.authentication import Operators
from api.operators.context import OperatorCall, OperatorStores
from api.operators.schema import OPERATOR_POLICIES, OPERATOR_SCHEMA
from api.requests import BadRequest, Operation, read_operation
from ledger.kernel.ids import PartnerId, derived_id
from ledger.kernel.tracing import TRACING
from ledger.kernel.waiting import run_waiting
from ledger.tenancy.operator_sessions import ActiveSession


class OperatorEndpoint(GraphQLEndpoint):
    """Answers operators' requests, in turn with those of partners: each operator has points and a turn of its own."""

    def __init__(self, admission: Admission, operators: Operators, stores: OperatorStores) -> None:
        super().__init__(admission)
        self._operators: Final = operators
        self._stores: Final = stores

    async def respond(self, request: Request, media_type: str) -> Answer:
        """Execute the operation as the operator whose session the request has."""
        session = await self._operators.authenticated(request)
        operation = await read_operation(request)
        if operation.document_hash is not None:
            raise BadRequest("operators have no trusted documents; send the document as query")
        executed = await attended(self._admitted(operation, session), request.receive)
        return self.shown(executed, request, media_type)

    async def _admitted(self, operation: Operation, session: ActiveSession) -> Executed:
        """Execute the operation in its operator's turn, if the policies permit all of it."""
        admission, caller_id = self._admission, PartnerId(derived_id("operator", session.subject))
        try:
            prepared = await self.prepare(operation, caller_id, OPERATOR_SCHEMA, ANSWERED)
            policies = OPERATOR_POLICIES.require(session.roles, asked_actions(prepared.document))
            asked = OPERATOR_SCHEMA.ask(prepared, operation.variables)
            charge = admission.take(caller_id, OPERATOR_SCHEMA.cost(asked))
        except DocumentRefused as refused:
            return Executed(ExecutionResult(None, refused.errors))
        except CostTooHigh as refused:
            await pause_before_refusal()
            return Executed(ExecutionResult(None, [GraphQLError(str(refused), original_error=refused)]))
        is_query = prepared.document.operation.operation is OperationType.QUERY
        async with admission.turn(caller_id, charge.requested, is_query=is_query):
            with TRACING.span("execute"):
                result = await run_waiting(self._executed, asked, session, policies)
        return Executed(result, charge)

    def _executed(self, asked: Asked, session: ActiveSession, policies: Mapping[str, str]) -> ExecutionResult:
        with OperatorCall(self._stores, session, policies) as call:
            return OPERATOR_SCHEMA.run(asked, call)
