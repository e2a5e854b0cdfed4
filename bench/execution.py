"""Executing: CPU of a GraphQL operation by its plan, beside graphql-core with the document parsed and validated before.

No HTTP and no database: the resolvers give objects that stand in memory, of the shapes that the API has.
"""

import gc
import statistics
import time
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any, Final

import orjson
import strawberry
from graphql import ExecutionResult, execute_sync, parse
from strawberry.schema.config import StrawberryConfig

from api.execution.executor import PlanExecutor
from api.graphql.enums import TransferKind
from api.graphql.money import MoneyNode
from api.graphql.nodes import Node
from api.graphql.scalars import SCALARS, Position
from api.positions import with_tokens
from bench.figures import Figure, Reference, Target, figure
from ledger.kernel.money import Money

_ROUNDS: Final = 7
_AT: Final = datetime(2026, 3, 1, 12, 30, tzinfo=UTC)
_LIST: Final = """
    query Accounts($first: Int!) {
      accounts(first: 20) {
        id externalRef asOf balance { amountMinor currency }
        transfers(first: $first) { id kind position recordedAt amount { amountMinor currency } }
      }
    }
"""
_ONE: Final = "query Balance($ref: String!) { account(externalRef: $ref) { id balance { amountMinor currency } asOf } }"


@strawberry.type
class _Transfer(Node):
    kind: TransferKind
    amount: MoneyNode
    recorded_at: datetime
    position: Position


@strawberry.type
class _Account(Node):
    external_ref: str | None
    balance: MoneyNode
    as_of: Position
    moved: strawberry.Private[list[_Transfer]]

    @strawberry.field
    def transfers(self, first: int = 20) -> list[_Transfer]:
        return self.moved[:first]


@strawberry.type
class _Query:
    @strawberry.field
    def accounts(self, info: strawberry.Info[list[_Account], None], first: int = 20) -> list[_Account]:
        return info.context[:first]

    @strawberry.field
    def account(self, info: strawberry.Info[list[_Account], None], external_ref: str) -> _Account | None:
        return next((each for each in info.context if each.external_ref == external_ref), None)


class _Schema(strawberry.Schema):
    """A schema whose operations are executed in both ways."""

    def by_plan(self) -> PlanExecutor:
        return PlanExecutor(self._schema, executor_class=self.execution_context_class)

    def by_graphql_core(self, text: str, context: Any, variables: Mapping[str, Any]) -> Callable[[], ExecutionResult]:
        document = parse(text)
        return lambda: _with_tokens(
            lambda: execute_sync(
                self._schema,
                document,
                context_value=context,
                variable_values=dict(variables),
                executor_class=self.execution_context_class,
            )
        )


def run(_server_url: str) -> Iterator[Figure]:
    """One account with its balance, and 20 accounts with 10 transfers each; the answers are equal before they count."""
    schema = _Schema(query=_Query, config=StrawberryConfig(scalar_map=SCALARS))
    executor, accounts = schema.by_plan(), [_account(number) for number in range(20)]
    target = Target("ratio", 1 / 4, 1 / 8)
    for name, text, variables, times in (
        ("20 accounts with 10 transfers each", _LIST, {"first": 10}, 20),
        ("one account", _ONE, {"ref": "shop:0"}, 600),
    ):
        planned = _by_plan(executor, text, accounts, variables)
        reference = schema.by_graphql_core(text, accounts, variables)
        assert orjson.dumps(planned().data) == orjson.dumps(reference().data), name
        ours, theirs = _microseconds([planned, reference], times)
        yield figure(name, ours, "us", Reference("graphql-core, us of CPU", theirs), target=target)


def _by_plan(
    executor: PlanExecutor, text: str, context: Any, variables: Mapping[str, Any]
) -> Callable[[], ExecutionResult]:
    return lambda: _with_tokens(lambda: executor.run(executor.ask(executor.prepare(text), variables), context=context))


def _with_tokens(answer: Callable[[], ExecutionResult]) -> ExecutionResult:
    return with_tokens(answer, lambda positions: dict(zip(positions, positions, strict=True)))


def _microseconds(ways: list[Callable[[], ExecutionResult]], times: int) -> list[float]:
    """CPU of one call each, measured in turn, so that both meet the same machine; the median of the rounds."""
    gc.collect()
    rounds = [[_measured(way, times) for way in ways] for _ in range(_ROUNDS)]
    return [statistics.median(each) for each in zip(*rounds, strict=True)]


def _measured(way: Callable[[], ExecutionResult], times: int) -> float:
    started = time.process_time()
    for _ in range(times):
        way()
    return (time.process_time() - started) / times * 1e6


def _account(number: int) -> _Account:
    moved = [_transfer(number * 100 + each) for each in range(20)]
    return _Account(
        id=strawberry.ID(f"acc_{number:032x}"),
        external_ref=f"shop:{number}",
        balance=MoneyNode.of(Money(number * 1_000, "USD")),
        as_of=Position(31_851),
        moved=moved,
    )


def _transfer(number: int) -> _Transfer:
    return _Transfer(
        id=strawberry.ID(f"trf_{number:032x}"),
        kind=TransferKind.TRANSFER,
        amount=MoneyNode.of(Money(number, "USD")),
        recorded_at=_AT,
        position=Position(number),
    )
