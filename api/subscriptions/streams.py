"""Streams: the results of an operation one after the other, whichever protocol carries them."""

import asyncio
from collections.abc import AsyncGenerator
from typing import Any, Final

from graphql import ExecutionResult, OperationType

from api.access.authentication import Credential
from api.access.refusals import NotAllowed, TokenExpired, Unauthenticated
from api.access.tokens import AccessToken
from api.authorization import authorize_operation
from api.context import KeyRevoked, Snapshot
from api.endpoint import Endpoint
from api.errors import told
from api.execution.executor import Asked
from api.graphql.executable_schema import ExecutableSchema
from api.graphql.occurrences import Following
from api.limits.deadlines import REQUEST_SECONDS
from api.limits.refusals import DeadlineExceeded
from api.requests import Operation
from api.resources import Resources
from api.subscriptions.feeds import Feeds
from api.subscriptions.places import Places
from api.subscriptions.subscriptions import Subscription
from ledger.kernel.clock import system_clock
from ledger.kernel.errors import Unavailable
from ledger.kernel.waiting import run_waiting
from ledger.tenancy.api_keys import Principal

Results = AsyncGenerator[ExecutionResult, None]

_ALL: Final = frozenset(OperationType)
_SUBSCRIPTIONS_MAX: Final = 1_000
_CONNECTIONS_MAX: Final = 1_000
"""The most of one partner in one process."""

_VALIDITY_SECONDS: Final = 0.4
"""The interval at which the credential of an open stream is looked at; what is remembered of it is looked at first."""


class Streams:
    """The streams of one process."""

    def __init__(self, resources: Resources, endpoint: Endpoint) -> None:
        self.resources: Final = resources
        self.feeds: Final = Feeds(resources)
        self.connections: Final = Places(_CONNECTIONS_MAX, "connections with streams")
        self.subscriptions: Final = Places(_SUBSCRIPTIONS_MAX, "subscriptions")
        self._endpoint: Final = endpoint

    async def results(self, operation: Operation, principal: Principal, schema: ExecutableSchema) -> Results:
        """Return the results of an operation: many of a subscription, one of others.

        Raises `DocumentRefused` and what refuses a request before it is executed; the results raise what ends them.
        """
        operation = self._endpoint.documents.named(operation, principal.partner_id)
        prepared = await self._endpoint.prepared(operation, principal, schema, _ALL)
        if prepared.document.operation.operation is not OperationType.SUBSCRIPTION:
            return self._only(operation, principal, schema)
        authorize_operation(prepared, principal)
        asked = schema.ask(prepared, operation.variables)
        charge = self.resources.admission.take(principal.partner_id, schema.cost(asked))
        beginning = asyncio.create_task(self._begun(asked, principal, schema, points=charge.requested))
        begun = await asyncio.shield(beginning)  # broken off half way, it would leave its connection out of the pool
        return alone(begun) if isinstance(begun, ExecutionResult) else self._delivered(begun, principal)

    async def require_validity(self, credential: Credential, principal: Principal) -> None:
        """Look at a credential until it is not valid any more. Raises an `AccessRefused`."""
        while True:
            await asyncio.sleep(_VALIDITY_SECONDS)
            held = credential.held
            if isinstance(held, AccessToken) and held.expires_at <= system_clock():
                raise TokenExpired("the time of this token is over; connect with a new one")
            try:
                found = await self.resources.principal_of(credential)
            except Unavailable:
                continue  # nothing is delivered meanwhile either
            if found.scopes != principal.scopes:
                raise NotAllowed("the scopes of this API key have changed; connect again")

    async def _begun(
        self, asked: Asked, principal: Principal, schema: ExecutableSchema, *, points: int
    ) -> Subscription | ExecutionResult:
        """Return the subscription of a document; or its errors, if its arguments are wrong."""
        admission, partner_id = self.resources.admission, principal.partner_id

        def begin() -> Subscription | ExecutionResult:
            with Snapshot(self.resources.readers, principal) as snapshot:
                call = self.resources.call(principal, snapshot)
                now = call.position()
                try:
                    return schema.execute(asked, call)
                except Following as begun:
                    position = now if begun.interest.after is None else begun.interest.after
                    return Subscription(schema, asked, begun.interest, position=position, cost=points)

        try:
            async with admission.turn(partner_id, points, is_query=True):
                return await run_waiting(begin)
        except KeyRevoked:
            raise Unauthenticated("this API key was revoked") from None

    async def _delivered(self, subscription: Subscription, principal: Principal) -> Results:
        with (
            self.subscriptions.one(principal.partner_id),
            self.feeds.following(principal, subscription),
        ):
            async for result in subscription:
                yield result

    async def _only(self, operation: Operation, principal: Principal, schema: ExecutableSchema) -> Results:
        """Execute a query or a change as over HTTP."""
        try:
            async with asyncio.timeout(REQUEST_SECONDS):
                executed = await self._endpoint.executed(operation, principal, schema)
        except TimeoutError:
            raise DeadlineExceeded(f"this took longer than {REQUEST_SECONDS} seconds and was stopped") from None
        yield executed.result


def shown(result: ExecutionResult, request_id: str) -> dict[str, Any]:
    """Return a result for its caller; without `data` if nothing was executed."""
    errors = [told(error, request_id) for error in result.errors or ()]
    is_executed = result.data is not None or any(error.path is not None for error in result.errors or ())
    return ({"data": result.data} if is_executed else {}) | ({"errors": errors} if errors else {})


async def alone(result: ExecutionResult) -> Results:
    """Yield the one result of an operation."""
    yield result
