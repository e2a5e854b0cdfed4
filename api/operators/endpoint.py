"""The operators' GraphQL endpoint: for signed-in operators alone, in the database role of their readers."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Final

from graphql import ExecutionResult
from starlette.requests import Request

from api.execution.executor import Asked, Prepared
from api.graphql.root_fields import asked_actions
from api.graphql_endpoint import Answer, Executed, GraphQLEndpoint
from api.limits.admission import Admission
from api.limits.deadlines import attended
from api.operators.authentication import Operators
from api.operators.context import OperatorCall, OperatorStores
from api.operators.schema import OPERATOR_POLICIES, OPERATOR_SCHEMA
from api.requests import BadRequest, Operation, read_operation
from ledger.kernel.ids import PartnerId, derived_id
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

        def permit(prepared: Prepared) -> Callable[[Asked], ExecutionResult]:
            policies = OPERATOR_POLICIES.require(session.roles, asked_actions(prepared.document))
            return partial(self._executed, session, policies)

        caller_id = PartnerId(derived_id("operator", session.subject))
        return await self.in_turn(operation, caller_id, OPERATOR_SCHEMA, permit)

    def _executed(self, session: ActiveSession, policies: Mapping[str, str], asked: Asked) -> ExecutionResult:
        with OperatorCall(self._stores, session, policies) as call:
            return OPERATOR_SCHEMA.run(asked, call)
