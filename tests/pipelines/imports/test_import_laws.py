"""Laws of the import: it equals a naive fold, in both formats, whatever is cut off or repeated."""

import csv
import itertools
import time
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import psycopg
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ledger.book.reading.account_views import AccountView
from ledger.book.reading.balances import accounts_page
from ledger.book.reading.transfers import transfers_page
from ledger.imports.imports import LOCK_SPACE, unfinished_imports
from ledger.kernel.ids import BookId, derived_id
from ledger.kernel.pages import Slice
from ledger.kernel.work import read
from ledger.personal_data.account_references import opened_references
from ledger.personal_data.account_search import account_view
from ledger.tenancy.books import book_named
from ledger.vault.vault import Vault
from pipelines.imports.load import import_files
from pipelines.imports.report import ImportReport
from tests import warm
from tests.conftest import KEYRINGS

Import = Callable[..., ImportReport]
Row = tuple[int, datetime, int, str, str, str]

HEADER = ["id", "time", "amount", "way", "currency", "code", "partner", "account"]
BOOKS = itertools.count()
DAY = datetime(2024, 1, 5, tzinfo=UTC)

ROWS = st.lists(
    st.tuples(
        st.integers(0, 12),
        st.datetimes(datetime(1970, 1, 1), datetime(2024, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001  # bounds are naive here
        st.one_of(st.sampled_from([0, 1]), st.integers(0, 10**15)),
        st.sampled_from(["in", "out"]),
        st.sampled_from(["acme", "zeta"]),
        st.sampled_from(["a", "b", 'ü, "x"\n;']),
    ),
    max_size=12,
)


def fold(rows: list[Row]) -> tuple[Counter[str], int, int]:
    """Balances of all accounts that rows name; how many rows stand; how many repeat an id with other content."""
    known: dict[tuple[str, int], Row] = {}
    balances: Counter[str] = Counter()
    repeated = 0
    for row in rows:
        number, _, amount, way, partner, account = row
        first = known.setdefault((partner, number), row)
        repeated += first != row
        stands = first is row
        balances[f"shop:{account}@{partner}"] += stands * (amount if way == "in" else -amount)
    return balances, len(known), repeated


def _balances(vault: Vault, views: list[AccountView]) -> dict[str | None, int]:
    """The balances of customers' accounts by their references in clear."""
    owned = [view for view in views if view.account.customer_id]
    book_id = owned[0].account.book_id if owned else BookId(1)
    references = opened_references(vault, book_id, [view.account.external_ref for view in owned])
    return {reference: view.balance.minor for reference, view in zip(references, owned, strict=True)}


def write_csv(path: Path, rows: list[Row]) -> None:
    """The rows with decimal amounts."""
    with path.open("w", newline="", encoding="utf-8") as stream:
        writer = csv.writer(stream)
        writer.writerow(HEADER)
        for number, at, amount, way, partner, account in rows:
            decimal = f"{amount // 100}.{amount % 100:02}"
            writer.writerow([number, at.isoformat(), decimal, way, "USD", "sale", partner, account])


def write_parquet(path: Path, rows: list[Row]) -> None:
    """The rows with typed columns."""
    columns = list(zip(*rows, strict=True)) or [()] * 6
    pq.write_table(
        pa.table(
            {
                "id": pa.array(columns[0], pa.int32()),
                "time": pa.array(columns[1], pa.timestamp("us", "Europe/Prague")),
                "amount": pa.array([Decimal(amount) / 100 for amount in columns[2]], pa.decimal128(20, 2)),
                "way": pa.array(columns[3], pa.string()).dictionary_encode(),
                "currency": pa.array(["USD"] * len(rows), pa.string()),
                "code": pa.array(["sale"] * len(rows), pa.large_string()),
                "partner": pa.array(columns[4], pa.string()),
                "account": pa.array(columns[5], pa.string()),
            }
        ),
        path,
    )


@given(rows=ROWS)
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_csv_and_parquet_import_to_the_balances_of_a_naive_fold(
    engine: sa.Engine, load: Import, shop: Path, tmp_path: Path, rows: list[Row]
) -> None:
    expected, standing, repeated = fold(rows)
    write_csv(tmp_path / "rows.csv", rows)
    write_parquet(tmp_path / "rows.parquet", rows)
    for file in ("rows.csv", "rows.parquet"):
        book = f"b{next(BOOKS)}"
        mapping = tmp_path / f"{book}.toml"
        text = shop.read_text().replace('name = "shop"', f'name = "{book}"', 1)
        mapping.write_text(text.replace('ref = { column = "account" }', 'ref = { template = "{account}@{partner}" }'))

        report = load(tmp_path / file, mapping=mapping)

        with read(engine) as reader:
            views = accounts_page(reader, book_named(reader.connection, book).book_id, Slice(limit=100))
        assert _balances(Vault(engine, KEYRINGS), views) == dict(expected)
        assert sum(v.sums.credits - v.sums.debits for v in views) == 0
        assert (report.accepted, sum(report.rejected.values()), report.rows) == (standing, repeated, len(rows))


def test_a_row_becomes_a_transfer_with_its_date_code_reference_and_derived_id(engine: sa.Engine, load: Import) -> None:
    load("1,2024-01-05T01:30:00+02:00,12.50,out,USD,sale,acme,77")

    with read(engine) as reader:
        book_id = book_named(reader.connection, "shop").book_id
        (view,) = transfers_page(reader, book_id)
        account = account_view(reader, Vault(engine, KEYRINGS), book_id, "shop:77")
        actor = reader.connection.execute(sa.text("SELECT name FROM actors")).scalar_one()
    assert account is not None
    transfer = view.transfer
    assert transfer.effective_at == datetime(2024, 1, 4, 23, 30, tzinfo=UTC)
    assert transfer.booked_on == transfer.effective_at.date()
    assert (transfer.code, transfer.external_ref, transfer.amount_minor) == ("sale", "1", 1250)
    assert view.related.debit_account_id == account.account.account_id
    assert transfer.transfer_id == derived_id(book_id, account.account.partner_id, "transfer", "1")
    assert actor.startswith("import:")


def test_nanoseconds_are_refused_not_rounded(load: Import, tmp_path: Path) -> None:
    write_parquet(tmp_path / "rows.parquet", [(1, DAY, 1, "in", "acme", "a")])
    table = pq.read_table(tmp_path / "rows.parquet")
    fine = pa.array([1_700_000_000_000_000_001], pa.timestamp("ns"))
    pq.write_table(table.set_column(1, "time", fine), tmp_path / "rows.parquet")

    with pytest.raises(Exception, match=r"rows.parquet cannot be read as Parquet: Casting .* would lose data"):
        load(tmp_path / "rows.parquet")


def test_a_positive_amount_may_say_the_side(load: Import, shop: Path) -> None:
    shop.write_text(
        shop.read_text().replace(
            '{ column = "way", words = { in = "credit", out = "debit" } }', '{ positive = "debit" }'
        )
    )

    report = load("1,2024-01-05,12.50,,USD,sale,acme,77", "2,2024-01-05,-2.25,,USD,sale,acme,77")

    assert (report.debits, report.credits) == ({"USD": "12.50"}, {"USD": "2.25"})


def test_the_progress_ends_at_the_size_of_the_files(engine: sa.Engine, shop: Path, tmp_path: Path) -> None:
    write_csv(tmp_path / "a.csv", [(n, DAY, n, "in", "acme", "a") for n in range(10)])
    write_parquet(tmp_path / "b.parquet", [(n, DAY, n, "in", "acme", "a") for n in range(10)])
    files = [tmp_path / "a.csv", tmp_path / "b.parquet"]
    seen: list[tuple[int, int]] = []

    import_files(
        engine,
        shop,
        files,
        vault=Vault(engine, KEYRINGS),
        home=tmp_path,
        batch=4,
        progress=lambda *step: seen.append(step),
    )

    size = sum(file.stat().st_size for file in files)
    assert seen == sorted(seen)
    assert len(seen) == 6
    assert seen[-1] == (size, size)


def test_an_import_shares_a_lock_on_its_book_until_it_ends(
    engine: sa.Engine, database_url: str, shop: Path, tmp_path: Path
) -> None:
    write_csv(tmp_path / "a.csv", [(1, DAY, 1, "in", "acme", "a")])
    free: list[bool] = []

    def take(*_: int) -> None:
        with psycopg.connect(database_url) as other:
            row = other.execute("SELECT pg_try_advisory_xact_lock(%s, 1)", (LOCK_SPACE,)).fetchone()
            assert row is not None
            free.append(row[0])

    import_files(engine, shop, [tmp_path / "a.csv"], vault=Vault(engine, KEYRINGS), home=tmp_path, progress=take)
    take()

    assert free == [False, True]


def test_an_import_that_was_killed_is_completed_by_running_it_again(
    engine: sa.Engine, database_url: str, shop: Path, tmp_path: Path
) -> None:
    rows: list[Row] = [
        (n, DAY + timedelta(seconds=n), n, "in", "acme" if n % 2 else "zeta", f"{n % 2}-{n % 50}") for n in range(3000)
    ]
    write_csv(tmp_path / "rows.csv", rows)
    script = (
        "import sys; from pathlib import Path; from ledger.kernel.engines import create_engine\n"
        "from pipelines.imports.load import import_files\n"
        "from ledger.vault.keyring import Keyrings; from ledger.vault.vault import Vault\n"
        "engine = create_engine(sys.argv[1])\n"
        "vault = Vault(engine, Keyrings(Path(sys.argv[5]), lambda: [bytes(range(32))]))\n"
        "import_files(engine, Path(sys.argv[2]), [Path(sys.argv[3])], vault=vault, home=Path(sys.argv[4]),"
        " batch=100, progress=lambda *_: print('step', flush=True))"
    )
    arguments = [database_url, str(shop), str(tmp_path / "rows.csv"), str(tmp_path / "home"), str(KEYRINGS.folder)]
    for steps in (1, 4):
        child = warm.started_python(script, *arguments)
        for _ in range(steps):
            assert child.stdout.readline() == b"step\n"
        time.sleep(0.003 * steps)
        child.kill()

    with read(engine) as reader:
        assert unfinished_imports(reader.connection, BookId(1)) == [("shop", "rows.csv")]

    report = import_files(engine, shop, [tmp_path / "rows.csv"], vault=Vault(engine, KEYRINGS), home=tmp_path / "home")

    with read(engine) as reader:
        assert unfinished_imports(reader.connection, BookId(1)) == []
    assert report.accepted + report.already_there == 3000
    assert 400 <= report.already_there < 3000
    assert report.credits == {"USD": f"{sum(range(3000)) // 100}.{sum(range(3000)) % 100:02}"}
    with read(engine) as reader:
        views = accounts_page(reader, book_named(reader.connection, "shop").book_id, Slice(limit=100))
    balances = _balances(Vault(engine, KEYRINGS), views)
    assert len(balances) == 50
    assert sum(balances.values()) == sum(range(3000))
