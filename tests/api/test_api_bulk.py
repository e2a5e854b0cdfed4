"""Bulks over real HTTP: Arrow or Parquet in, an outcome for every row out, and clear problems for what is neither."""

import io
import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from api import bulk
from ledger.kernel.work import begin
from ledger.tenancy.api_keys import issue
from tests.api.conftest import PEPPER, Caller


def columns(*rows: tuple[str, str, str, int], **more: Any) -> pa.Table:
    """Rows of (key, debit, credit, minor units of USD)."""
    keys, debits, credits_, amounts = (list(column) for column in zip(*rows, strict=True)) if rows else [[]] * 4
    return pa.table(
        {
            "key": pa.array(keys, pa.string()),
            "debit_account": pa.array(debits, pa.string()),
            "credit_account": pa.array(credits_, pa.string()),
            "amount_minor": pa.array(amounts, pa.int64()),
            "currency": pa.array(["USD"] * len(keys), pa.string()),
            "code": pa.array(["payment"] * len(keys), pa.string()),
            **more,
        }
    )


def as_stream(table: pa.Table) -> bytes:
    body = io.BytesIO()
    with pa.ipc.new_stream(body, table.schema) as stream:
        stream.write_table(table)
    return body.getvalue()


def as_parquet(table: pa.Table) -> bytes:
    body = io.BytesIO()
    pq.write_table(table, body)
    return body.getvalue()


def send(caller: Caller, body: bytes, media_type: str = bulk.ARROW_STREAM, **headers: str) -> httpx.Response:
    shown = {"Authorization": f"Bearer {caller.key}", "Content-Type": media_type, **headers}
    return caller.http.post("/transfers", content=body, headers=shown)


def outcomes(response: httpx.Response) -> dict[str, list[Any]]:
    assert response.status_code == 200, response.text
    assert response.headers["content-type"] == bulk.ARROW_STREAM
    with pa.ipc.open_stream(response.content) as stream:
        return stream.read_all().to_pydict()


@pytest.fixture
def pair(shop):
    return shop.account("bank"), shop.account("wallet", "CUSTOMER")


@pytest.mark.parametrize(("write", "media_type"), [(as_stream, bulk.ARROW_STREAM), (as_parquet, bulk.PARQUET)])
def test_every_row_of_a_bulk_is_answered(shop, pair, write, media_type):
    bank, wallet = pair
    table = columns(
        ("a", bank, wallet, 1000), ("b", wallet, bank, 5000), ("c", "shop:bank", "shop:wallet", 1), ("d", bank, "x", 1)
    )

    told = outcomes(send(shop, write(table), media_type))

    assert told["row"] == [1, 2, 3, 4]
    assert told["key"] == ["a", "b", "c", "d"]
    assert told["result"] == ["created", "insufficient_funds", "created", "credit_account_not_found"]
    assert told["amount_minor"] == [1000, None, 1, None]
    assert told["position"][3] is None
    assert told["message"][0] is None
    assert "does not have enough" in told["message"][1]


def test_a_row_and_a_single_transfer_with_its_key_are_one(shop, pair):
    bank, wallet = pair
    posted = shop.move((bank, wallet, "1000"), key="a")

    told = outcomes(send(shop, as_stream(columns(("a", bank, wallet, 1000), ("b", bank, wallet, 500)))))
    again = shop.move((bank, wallet, "500"), key="b")

    assert told["result"] == ["exists", "created"]
    assert told["position"] == [posted["position"], again["position"]]


def test_a_bulk_that_is_sent_again_gives_the_same_positions_and_amounts(shop, pair):
    bank, wallet = pair
    body = as_stream(columns(*((f"k{row}", bank, wallet, 1) for row in range(50))))

    first, again = outcomes(send(shop, body)), outcomes(send(shop, body))

    assert first["result"] == ["created"] * 50
    assert again["result"] == ["exists"] * 50
    assert again["position"] == first["position"]
    assert again["amount_minor"] == first["amount_minor"] == [1] * 50


def test_a_bulk_larger_than_a_batch_is_posted_in_several_and_tears_no_group(shop, pair):
    bank, wallet = pair
    rows = 20_001
    groups = pa.array([f"g{row // 3}" for row in range(rows)])
    table = columns(*((f"k{row}", bank, wallet, 1) for row in range(rows)), group=groups)

    told = outcomes(send(shop, as_stream(table)))

    assert told["result"] == ["created"] * rows
    assert told["row"] == list(range(1, rows + 1))


def test_the_accounts_of_another_partner_are_not_found(shop, rides, pair):
    _, wallet = pair
    theirs = rides.account("till")

    told = outcomes(send(shop, as_stream(columns(("a", theirs, wallet, 1), ("b", "rides:till", wallet, 1)))))

    assert told["result"] == ["debit_account_not_found"] * 2


def test_a_partner_does_not_load_history_by_a_bulk(shop, pair):
    bank, wallet = pair
    early = pa.array([datetime(2001, 1, 1, tzinfo=UTC)], pa.timestamp("us", tz="UTC"))

    told = outcomes(send(shop, as_stream(columns(("a", bank, wallet, 1), effective_at=early))))

    assert told["result"] == ["effective_too_early"]


def test_a_bulk_without_rows_is_answered_without_rows(shop):
    told = outcomes(send(shop, as_stream(columns())))

    assert told["row"] == []


def problem(response: httpx.Response) -> tuple[int, str, str]:
    assert response.headers["content-type"] == bulk.PROBLEM
    told = response.json()
    assert told["status"] == response.status_code
    assert told["requestId"] == response.headers["x-request-id"]
    return response.status_code, told["code"], told["detail"]


def test_columns_that_cannot_be_used_are_a_problem_and_nothing_is_posted(shop, pair):
    bank, wallet = pair
    floats = columns(("a", bank, wallet, 1)).set_column(3, "amount_minor", pa.array([1.0]))
    unknown = columns(("a", bank, wallet, 1), note=pa.array(["x"]))
    lacking = columns(("a", bank, wallet, 1)).drop_columns(["code"])

    told = [problem(send(shop, as_stream(table))) for table in (floats, unknown, lacking)]

    assert [(status, code) for status, code, _ in told] == [(400, "INVALID_INPUT")] * 3
    assert "the body has double in column 'amount_minor'; write int64" in told[0][2]
    assert "the body has a column 'note'" in told[1][2]
    assert "the column 'code' is missing" in told[2][2]


@pytest.mark.parametrize("body", [b"", b"key,amount\n", b"PAR1", as_stream(columns())[:100]])
def test_a_body_that_is_no_columns_is_a_problem(shop, body):
    status, code, _ = problem(send(shop, body))

    assert (status, code) == (400, "INVALID_INPUT")


def test_another_media_type_is_a_problem(shop):
    status, code, detail = problem(send(shop, b"[]", "application/json"))

    assert (status, code) == (415, "BAD_REQUEST")
    assert detail == f"send the rows as Content-Type: {bulk.ARROW_STREAM} or {bulk.PARQUET}"


def test_a_bulk_has_a_largest_size(shop, pair):
    bank, wallet = pair
    many = columns(*[("a", bank, wallet, 1)] * (bulk.ROWS_MAX + 1))

    bytes_ = problem(send(shop, b"\0" * (bulk.BODY_BYTES_MAX + 1)))
    rows = [problem(send(shop, body, kind)) for body, kind in ((as_stream(many), bulk.ARROW_STREAM),)]
    rows += [problem(send(shop, as_parquet(many), bulk.PARQUET))]

    assert bytes_ == (413, "BAD_REQUEST", "a bulk has at most 67,108,864 bytes; send it in several")
    assert rows == [(413, "BAD_REQUEST", "a bulk has at most 100,000 rows; send them in several")] * 2


def test_a_packed_body_is_measured_as_it_will_be_before_it_is_unpacked(shop):
    batch = pa.record_batch({"amount_minor": pa.array([0] * (bulk.UNPACKED_BYTES_MAX // 8 + 8), pa.int64())})
    body = io.BytesIO()
    with pa.ipc.new_stream(body, batch.schema, options=pa.ipc.IpcWriteOptions(compression="zstd")) as stream:
        stream.write_batch(batch)
    file = io.BytesIO()
    pa.ipc.new_file(file, batch.schema).close()

    told = problem(send(shop, body.getvalue()))

    assert len(body.getvalue()) < 1_000_000
    assert told == (413, "BAD_REQUEST", "a bulk takes at most 268,435,456 bytes unpacked; send it in several")
    assert problem(send(shop, file.getvalue()))[:2] == (400, "BAD_REQUEST")


def test_a_bulk_needs_a_key_that_may_write(shop, store, book_id):
    with begin(store, actor="test") as work:
        reading = issue(work, book_id, shop.partner_id, pepper=PEPPER, scopes="read")
    body = as_stream(columns())

    unknown = send(shop, body, Authorization="Bearer cdk_no")
    missing = shop.http.post("/transfers", content=body, headers={"Content-Type": bulk.ARROW_STREAM})
    reads = send(shop, body, Authorization=f"Bearer {reading}")

    assert problem(unknown)[:2] == problem(missing)[:2] == (401, "UNAUTHENTICATED")
    assert missing.headers["www-authenticate"].startswith("Bearer")
    assert problem(reads)[:2] == (403, "NOT_ALLOWED")


def test_the_guides_example_runs_as_it_stands(shop, monkeypatch):
    shop.account("bank")
    shop.account("wallet-ada", "CUSTOMER")
    guide = (Path(__file__).parents[2] / "docs" / "guides" / "partners.md").read_text(encoding="utf-8")
    (example,) = re.findall(r"## Bulk.*```python\n(.*?)```", guide, re.DOTALL)
    monkeypatch.setenv("API", str(shop.http.base_url.join("/graphql")))
    monkeypatch.setenv("NO_PROXY", "*")
    monkeypatch.setenv("KEY", shop.key)
    names: dict[str, Any] = {}

    exec(example, names)

    assert names["outcomes"]["result"].to_pylist() == ["created", "created"]
