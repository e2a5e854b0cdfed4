"""Plans of the API's own schema, over a book with money in it, give what graphql-core gives."""

from collections.abc import Iterator, Mapping, Sequence

import pytest
import sqlalchemy as sa
from graphql import (
    ExecutionResult,
    IntValueNode,
    ListValueNode,
    NullValueNode,
    StringValueNode,
    ValueNode,
    execute_sync,
    parse,
    parse_value,
)
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from api.context import Call, Committers, Snapshot
from api.execution.documents import DocumentRefused
from api.execution.executor import PlanExecutor
from api.graphql.schema import _SCHEMA
from ledger.kernel.engines import create_engine
from ledger.kernel.sql import PARTNER_ROLE
from ledger.kernel.work import read
from ledger.tenancy.api_keys import authenticate
from ledger.vault.vault import Vault
from tests.api.conftest import PEPPER, Caller
from tests.conftest import KEYRINGS
from tests.laws.execution_results import shown
from tests.laws.operations import Asked, asked

SCHEMA = _SCHEMA.built
EXECUTOR = PlanExecutor(SCHEMA, executor_class=_SCHEMA.execution_context_class)


def _texts(*texts: str) -> list[ValueNode]:
    return [StringValueNode(value=text, block=False) for text in texts]


SCALARS = {
    "SecretText": st.sampled_from(_texts("4242424242424242")),
    "Position": st.sampled_from(_texts("0", "1", "2", "3")),
    "Minor": st.sampled_from(_texts("0", "1050", "-1")),
    "Whole": st.sampled_from(_texts("0", "7")),
    "Currency": st.sampled_from(_texts("USD", "JPY")),
    "Date": st.sampled_from(_texts("2026-10-01", "2099-01-01")),
    "DateTime": st.sampled_from(_texts("2026-10-01T00:00:00Z", "2099-01-01T00:00:00+01:00")),
}


@pytest.fixture
def readers(api_database: str) -> Iterator[sa.Engine]:
    made = create_engine(api_database, role=PARTNER_ROLE)
    yield made
    made.dispose()


@pytest.fixture
def values(shop: Caller) -> Mapping[str, Sequence[ValueNode]]:
    """Values of arguments that find something in the book of the shop: accounts, transfers, a hold, pages."""
    bank, wallet = shop.account("bank"), shop.account("wallet", "CUSTOMER")
    posted = shop.move((bank, wallet, "5000"), (wallet, bank, "150"), key="first")
    shop.move((wallet, bank, "700"), key="held", hold=True)
    transfers = [each["id"] for each in posted["transfers"]]
    pages = shop.ask("{ accounts(first: 1) { pageInfo { endCursor } } transfers(first: 1) { pageInfo { endCursor } } }")
    return {
        "account.id": _texts(bank, wallet),
        "accountBalance.id": _texts(bank, wallet),
        "transfer.id": _texts(*transfers),
        "node.id": _texts(bank, wallet, *transfers, shop.ask("{ me { id } }")["me"]["id"], "acc_1"),
        "externalRef": _texts("shop:bank", "shop:wallet", "shop:none"),
        "first": [NullValueNode(), *(IntValueNode(value=str(each)) for each in (1, 2, 20))],
        "last": [NullValueNode(), NullValueNode(), IntValueNode(value="2")],
        "before": [NullValueNode()],
        "nodes.ids": [ListValueNode(values=tuple(_texts(bank, *transfers, "acc_1")[:size])) for size in (0, 2, 5)],
        "accounts.after": _texts(pages["accounts"]["pageInfo"]["endCursor"]),
        "transfers.after": _texts(pages["transfers"]["pageInfo"]["endCursor"]),
        "after": [NullValueNode()],
        "monitor": [NullValueNode()],
        "filter": [parse_value(text) for text in ("{}", '{code: "payment"}', "{holdState: OPEN}")],
        "at": [parse_value(text) for text in ('{position: "3"}', '{effectiveOn: "2099-01-01"}', '{position: "1"}')],
    }


@pytest.mark.slow
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(data=st.data())
def test_a_plan_gives_what_graphql_core_gives_of_a_book_with_money_in_it(
    data: st.DataObject, store: sa.Engine, readers: sa.Engine, shop: Caller, values: Mapping[str, Sequence[ValueNode]]
):
    request = data.draw(asked(SCHEMA, values=values, scalars=SCALARS, fields=tuple(SCHEMA.query_type.fields)))
    with read(readers) as reader:
        principal = authenticate(reader.connection, shop.key, pepper=PEPPER)
    with Snapshot(readers, principal) as snapshot:
        call = Call(store, Committers(store), principal, snapshot, vault=Vault(store, KEYRINGS))

        planned, reference = _planned(request, call), _by_graphql_core(request, call)

    assert planned is None or shown(planned) == shown(reference)


def _planned(request: Asked, call: Call) -> ExecutionResult | None:
    try:
        prepared = EXECUTOR.prepare(request.text)
    except DocumentRefused:  # a variation may rename two fields alike
        return None
    return EXECUTOR.run(EXECUTOR.ask(prepared, request.variables), context=call)


def _by_graphql_core(request: Asked, call: Call) -> ExecutionResult:
    return execute_sync(
        SCHEMA,
        parse(request.text),
        context_value=call,
        variable_values=request.variables,
        executor_class=_SCHEMA.execution_context_class,
    )
