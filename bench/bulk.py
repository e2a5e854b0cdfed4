"""Bulks: posts columns from files and over HTTP, beside the same orders created one by one as objects."""

import http.client
import io
import random
import tempfile
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import Final

import pyarrow as pa
import pyarrow.parquet as pq
import sqlalchemy as sa

from api.bulk import ARROW_STREAM
from api.graphql.results import SAYS
from bench.figures import Figure, Reference, figure
from bench.meters import Meter, Sample, Samples
from bench.programmes import Programme, open_programme
from bench.serve import serving_api
from bench.servers import scratch_ledger
from lake.columns.arrow_columns import open_columns
from ledger.book.bulks.bulk import Sender, bulk
from ledger.book.bulks.columns import COLUMNS
from ledger.book.judging.orders import TransferOrder
from ledger.book.judging.results import Result
from ledger.book.posting.writer import BookWriter
from ledger.book.records.accounts import AccountId
from ledger.book.records.transfers import TransferId
from ledger.flows.bulk import BulkPosting
from ledger.kernel.collector import rare_collections
from ledger.kernel.ids import derived_id
from ledger.public_ids import parse_public, public
from ledger.vault.keyring import Keyrings
from ledger.vault.vault import Vault

_ACCOUNTS: Final = 10_000
_ROWS: Final = 50_000
_BATCH: Final = 10_000
_ROUNDS: Final = 3
_OBJECTS: Final = "orders made as objects and posted"
_HTTP: Final = "over HTTP, Arrow"

Wanted = Mapping[str, list[object]]


def run(server_url: str) -> Iterator[Figure]:
    """Measure 50,000 rows from Parquet and Arrow, in process and over HTTP, and the conversion to orders alone."""
    meter, rounds = Meter(server_url), defaultdict[str, list[Sample]](list)
    with (
        scratch_ledger(server_url) as engine,
        tempfile.TemporaryDirectory() as folder,
        rare_collections(),
    ):
        programme = open_programme(engine, accounts=_ACCOUNTS)
        with serving_api(engine, programme, Path(folder)) as api:
            ways = _ways(engine, programme, Path(folder), port=api.port, key=api.key)
            for number in range(_ROUNDS + 1):
                for name, way in ways.items():
                    columns = _columns(programme, f"{name}-{number}")
                    sample = meter.measure(way(columns))
                    if number:  # the first round warms up both processes
                        rounds[name].append(sample)
    measured = {name: Samples(samples) for name, samples in rounds.items()}
    rate = Reference(f"{_OBJECTS}, rows/s", measured[_OBJECTS].rate)
    cpu = Reference(f"{_OBJECTS}, us", measured[_OBJECTS].client_us)
    for name, samples in measured.items():
        if name != _OBJECTS:
            yield figure(f"bulk {name}", samples.rate, "rows/s", rate)
        if name not in (_OBJECTS, _HTTP):  # over HTTP, another process does the work
            yield figure(f"bulk {name}, client CPU per row", samples.client_us, "us", cpu)


def _ways(
    engine: sa.Engine, programme: Programme, folder: Path, *, port: int, key: str
) -> dict[str, Callable[[Wanted], Callable[[], int]]]:
    """Return the ways to post rows: each prepares its input, and returns the function to measure."""
    writer, sender = BookWriter(engine, programme.book_id), Sender(programme.book_id, programme.partner_id, "bench")
    return {
        _OBJECTS: lambda columns: partial(_post_objects, writer, sender, columns),
        "from a Parquet file": lambda columns: _post_file(engine, writer, sender, _parquet(columns, folder)),
        "from an Arrow file": lambda columns: _post_file(engine, writer, sender, _arrow(columns, folder)),
        _HTTP: lambda columns: partial(_post_http, port, key, _stream(columns)),
        "columns to orders, unposted": lambda columns: partial(_convert, sender, columns, _known(columns)),
    }


def _columns(programme: Programme, prefix: str) -> Wanted:
    chance = random.Random(prefix)
    pairs = [chance.sample(programme.accounts, 2) for _ in range(_ROWS)]
    return {
        "key": [f"{prefix}-{row}" for row in range(_ROWS)],
        "debit_account": [public("account", debit) for debit, _ in pairs],
        "credit_account": [public("account", credit) for _, credit in pairs],
        "amount_minor": [chance.randrange(1, 100_000) for _ in range(_ROWS)],
        "currency": ["USD"] * _ROWS,
        "code": ["bench"] * _ROWS,
    }


def _post_objects(writer: BookWriter, sender: Sender, columns: Wanted) -> int:
    """Post orders created one by one, each with its own derived id; accounts are resolved as in a bulk."""
    known = _known(columns)
    rows = list(zip(*columns.values(), strict=True))
    for start in range(0, _ROWS, _BATCH):
        orders = [
            TransferOrder(
                TransferId(derived_id(sender.book_id, sender.partner_id, "transfer", str(key), 0)),
                sender.partner_id,
                known[debit],
                known[credit],
                amount_minor,
                currency,
                code,
                actor=sender.actor,
            )
            for key, debit, credit, amount_minor, currency, code in rows[start : start + _BATCH]
        ]
        assert all(outcome.result is Result.CREATED for outcome in writer.post(orders))
    return _ROWS


def _post_file(engine: sa.Engine, writer: BookWriter, sender: Sender, file: Path) -> Callable[[], int]:
    def post() -> int:
        vault = Vault(engine, Keyrings(file.parent, lambda: [bytes(32)]))
        posting = BulkPosting(engine, writer.post, sender, vault=vault, says=SAYS)
        for columns in open_columns(file, COLUMNS).batches(_BATCH, whole="group"):
            assert set(posting.post(columns)["result"]) == {Result.CREATED}
        return _ROWS

    return post


def _post_http(port: int, key: str, body: bytes) -> int:
    connection = http.client.HTTPConnection("127.0.0.1", port)
    headers = {"Authorization": f"Bearer {key}", "Content-Type": ARROW_STREAM}
    connection.request("POST", "/transfers", body, headers)
    answer = connection.getresponse()
    told = answer.read()
    connection.close()
    assert answer.status == http.HTTPStatus.OK, told
    with pa.ipc.open_stream(told) as outcomes:
        assert set(outcomes.read_all()["result"].to_pylist()) == {Result.CREATED}
    return _ROWS


def _convert(sender: Sender, columns: Wanted, known: Mapping[str, AccountId]) -> int:
    """Convert columns to orders with known accounts, without posting."""
    for start in range(0, _ROWS, _BATCH):
        batch = {name: column[start : start + _BATCH] for name, column in columns.items()}
        assert not bulk(batch, sender, lambda _names: known, earlier_groups=frozenset()).faults
    return _ROWS


def _known(columns: Wanted) -> dict[str, AccountId]:
    """Read the accounts of the columns by their public ids, each once."""
    names = {str(name) for name in (*columns["debit_account"], *columns["credit_account"])}
    return {name: AccountId(parse_public("account", name)) for name in names}


def _parquet(columns: Wanted, folder: Path) -> Path:
    path = folder / "rows.parquet"
    pq.write_table(pa.table(dict(columns)), path)
    return path


def _arrow(columns: Wanted, folder: Path) -> Path:
    path = folder / "rows.arrow"
    path.write_bytes(_stream(columns))
    return path


def _stream(columns: Wanted) -> bytes:
    table, body = pa.table(dict(columns)), io.BytesIO()
    with pa.ipc.new_stream(body, table.schema) as stream:
        stream.write_table(table)
    return body.getvalue()
