"""The partners' GraphQL endpoint: answers each request on the event loop, on one database snapshot."""

from collections.abc import Callable
from functools import partial
from typing import Any, Final

from graphql import ExecutionResult, OperationType
from starlette.requests import Request

from api.access.refusals import Unauthenticated
from api.auth import presented
from api.authorization import authorize_operation
from api.context import KeyRevoked, NeedsSnapshot, Snapshot
from api.environments import environment_of
from api.errors import told
from api.execution.documents import DocumentRefused
from api.execution.executor import Asked, Prepared
from api.graphql.executable_schema import ExecutableSchema
from api.graphql_endpoint import ANSWERED, Answer, Executed, GraphQLEndpoint
from api.limits.deadlines import attended
from api.requests import Operation, read_operation
from api.resources import Resources
from api.sandbox.request_log import RequestLog
from api.schema_versions import HEADER, version_asked
from api.trusted_documents import TrustedDocuments
from ledger.kernel.log_context import bind, bound
from ledger.tenancy.api_keys import Principal

_NEEDS_SNAPSHOT: Final = "needs a snapshot"
"""The note of a document that asks for more than one row."""


class Endpoint(GraphQLEndpoint):
    """Answers partners' requests on one ledger, and posts through the process's committers."""

    def __init__(self, resources: Resources, documents: TrustedDocuments, requests: RequestLog) -> None:
        super().__init__(resources.admission)
        self._resources: Final = resources
        self._requests: Final = requests
        self.documents: Final = documents

    async def respond(self, request: Request, media_type: str) -> Answer:
        """Execute the operation as the partner whose key or token the request has."""
        principal = await self._resources.principal(presented(request))
        request.state.environment = environment_of(principal)
        version = version_asked(request.headers)
        operation = self.documents.named(await read_operation(request), principal.partner_id)
        kept = self._requests.begun(principal, operation, version.schema.built, request.state.request_id)
        with kept:
            executed = await attended(self.executed(operation, principal, version.schema), request.receive)
            answer = self.shown(executed, request, media_type)
            kept.answered(answer.status, answer.body)
        answer.headers[HEADER] = version.date
        return answer

    async def executed(self, operation: Operation, principal: Principal, schema: ExecutableSchema) -> Executed:
        """Execute the operation in its partner's turn."""

        def permit(prepared: Prepared) -> Callable[[Asked], ExecutionResult]:
            authorize_operation(prepared, principal)
            return partial(self._executed, schema, prepared, principal)

        try:
            return await self.in_turn(operation, principal.partner_id, schema, permit)
        except KeyRevoked:
            raise Unauthenticated("this API key was revoked") from None

    async def prepared(
        self, operation: Operation, principal: Principal, schema: ExecutableSchema, allowed: frozenset[OperationType]
    ) -> Prepared:
        """Prepare the document of a partner."""
        return await self.prepare(operation, principal.partner_id, schema, allowed)

    def _executed(
        self, schema: ExecutableSchema, prepared: Prepared, principal: Principal, asked: Asked
    ) -> ExecutionResult:
        """Execute a query by a single read, unless it has shown that it needs more; all else on a snapshot."""
        is_query = prepared.document.operation.operation is OperationType.QUERY
        if is_query and _NEEDS_SNAPSHOT not in prepared.notes:
            try:
                return schema.execute(asked, self._resources.single_call(principal))
            except NeedsSnapshot as need:
                if need.is_lasting:
                    prepared.notes[_NEEDS_SNAPSHOT] = True
        with Snapshot(self._resources.readers, principal) as snapshot:
            if is_query:
                _ = snapshot.connection  # so that an outage is the answer, and not an error of each field
            repeat = partial(self._repeated, schema, principal) if principal.is_test else None
            return schema.execute(asked, self._resources.call(principal, snapshot, repeat))

    def _repeated(self, schema: ExecutableSchema, principal: Principal, operation: Operation) -> dict[str, Any]:
        """Execute an earlier operation of the caller anew, authorized and charged as if it was sent again."""
        with bound() as fields:  # the log names the operation that was sent, and not what it repeats
            try:
                prepared = schema.prepare(operation.query, operation.operation_name, allowed=ANSWERED)
                authorize_operation(prepared, principal)
                asked = schema.ask(prepared, operation.variables)
            except DocumentRefused as refused:
                return {"errors": [told(error, "") for error in refused.errors]}
            self._admission.take(principal.partner_id, schema.cost(asked))
            with Snapshot(self._resources.readers, principal) as snapshot:
                result = schema.execute(asked, self._resources.call(principal, snapshot))
        bind(**{name: each for name, each in fields.items() if name == "position"})
        errors = {"errors": [told(error, "") for error in result.errors]} if result.errors else {}
        return {"data": result.data, **errors}
