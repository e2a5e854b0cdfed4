"""Any operation of the schema, right or wrong, is answered without a fault and without a word of our insides."""

import re
from collections.abc import Iterator, Mapping, Sequence

import httpx
import pytest
from graphql import IntValueNode, ListValueNode, StringValueNode, ValueNode
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from api.limits.buckets import Allowance
from tests.api.conftest import Caller
from tests.api.schemas import SCHEMA
from tests.laws.operations import Asked, asked

INSIDES = re.compile(
    r"Traceback|File \"|line \d+, in|psycopg|asyncpg|sqlalchemy|strawberry|Error\(|NoneType|0x[0-9a-f]{8}"
)
EXPECTED = {200, 400, 413}


def _texts(*texts: str) -> list[ValueNode]:
    return [StringValueNode(value=text, block=False) for text in texts]


SCALARS = {
    "Position": st.sampled_from(_texts("0", "1", "2")),
    "SecretText": st.sampled_from(_texts("4242424242424242")),
    "Minor": st.sampled_from(_texts("0", "1050", "-1", "9223372036854775807", "9" * 40)),
    "Whole": st.sampled_from(_texts("0", "7")),
    "Currency": st.sampled_from(_texts("USD", "JPY")),
    "Date": st.sampled_from(_texts("2026-10-01", "2026-11-01", "0001-01-01", "9999-12-31")),
    "DateTime": st.sampled_from(_texts("2026-10-01T00:00:00Z", "2099-01-01T00:00:00+01:00", "0001-01-01T00:00:00Z")),
}


@pytest.fixture
def caller(shop: Caller, serve, api_database: str) -> Iterator[Caller]:
    """The shop, which has all the points that it needs."""
    allowance = Allowance(ceiling=1_000_000, capacity=10**9, restored_per_second=10**9)
    with (
        serve(api_database, allowance=allowance) as address,
        httpx.Client(base_url=address, timeout=60, verify=False) as http,
    ):
        yield Caller(shop.key, shop.partner_id, http)


@pytest.fixture
def values(shop: Caller) -> Mapping[str, Sequence[ValueNode]]:
    """Ids and references of what the shop has, of what it has not, and of nothing."""
    bank, wallet = shop.account("bank"), shop.account("wallet", "CUSTOMER")
    moved = shop.move((bank, wallet, "5000"), (wallet, bank, "150"), key="first")["transfers"]
    hold = shop.move((wallet, bank, "700"), key="held", hold=True)["transfers"][0]["id"]
    ids = [bank, wallet, hold, *(each["id"] for each in moved), "acc_1", "", "acc_" + "0" * 32, "\u0000"]
    return {
        "id": _texts(*ids),
        "ids": [ListValueNode(values=tuple(_texts(*ids)[:size])) for size in (0, 2, 5)],
        "externalRef": _texts("shop:bank", "shop:wallet", "none", "\u0000", "\ud800"),
        "first": [IntValueNode(value=str(each)) for each in (1, 2, 20, 101, 0)],
        "idempotencyKey": _texts("one", "two", "", "x" * 201),
    }


@pytest.mark.slow
@settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(data=st.data())
def test_no_operation_meets_a_fault_or_is_told_of_our_insides(
    data: st.DataObject, caller: Caller, values: Mapping[str, Sequence[ValueNode]]
) -> None:
    kind = data.draw(st.sampled_from([SCHEMA.query_type, SCHEMA.query_type, SCHEMA.mutation_type]))
    request: Asked = data.draw(asked(SCHEMA, values=values, scalars=SCALARS, fields=tuple(kind.fields)))

    response = caller.post(request.text, request.variables)

    codes = [error["extensions"]["code"] for error in response.json().get("errors", ())]
    assert response.status_code in EXPECTED, (request.text, response.text)
    assert "INTERNAL" not in codes, (request.text, request.variables, response.text)
    assert INSIDES.search(response.text) is None, (request.text, response.text)
