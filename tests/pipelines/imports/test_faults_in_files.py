"""Files that are wrong: each row or file is reported in one line, and what was accepted stays."""

import csv
import errno
import resource
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import psycopg
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import sqlalchemy as sa

from ledger.kernel.errors import IdempotencyConflict, InvalidInput, Unavailable
from ledger.kernel.work import begin, read
from ledger.tenancy.books import book_named, open_book
from ledger.tenancy.partners import PartnerOrder, register_partners
from ledger.tenancy.records import Vertical
from ledger.vault.vault import Vault
from pipelines.imports.chunks import RejectedRow
from pipelines.imports.load import import_files
from pipelines.imports.rejects import RejectedRows
from pipelines.imports.report import ImportReport
from pipelines.imports.rules import Rule
from pipelines.imports.sources import Fault
from tests.conftest import KEYRINGS

Import = Callable[..., ImportReport]

HEADER = "id,time,amount,way,currency,code,partner,account"
GOOD = "1,2024-01-05T10:00:00,12.50,in,USD,sale,acme,77"
LATER = "9,2024-01-09,1.00,in,USD,sale,acme,77"


def listed(report: ImportReport) -> list[tuple[str, str, str]]:
    """Line, external id and reason of every rejected row."""
    (path,) = report.rejected_files
    with Path(path).open(newline="") as stream:
        return [(row["line"], row["external_id"], row["reason"]) for row in csv.DictReader(stream)]


@pytest.mark.parametrize(
    ("row", "rejected"),
    [
        ("2,2024-01-05,1.00,in,USD,sale,acme", ("3", "", "malformed_csv")),
        ('2,2024-01-05,1.00,in,USD,"sa"le,acme,77', ("3", "", "malformed_csv")),
        ('2,2024-01-05,1.00,in,USD,"sale,acme,77', ("3", "", "malformed_csv")),
        (",2024-01-05,1.00,in,USD,sale,acme,77", ("3", "", "empty")),
        ("2,2024-01-05,1.00,in,USD,sale,acme,", ("3", "2", "empty")),
        ("2,2024-01-05,1.00,in,USX,sale,acme,77", ("3", "2", "unknown_currency")),
        ("2,2024-01-05,1.005,in,USD,sale,acme,77", ("3", "2", "unreadable_amount")),
        ("2,2024-01-05,1e3,in,USD,sale,acme,77", ("3", "2", "unreadable_amount")),
        (f"2,2024-01-05,{'9' * 5000},in,USD,sale,acme,77", ("3", "2", "unreadable_amount")),
        ("2,2024-01-05,99999999999999999999,in,USD,sale,acme,77", ("3", "2", "unreadable_amount")),
        ("2,2024-13-05,1.00,in,USD,sale,acme,77", ("3", "2", "unreadable_time")),
        ("2,2999-01-05,1.00,in,USD,sale,acme,77", ("3", "2", "effective_in_future")),
        ("2,2024-01-05,-1.00,in,USD,sale,acme,77", ("3", "2", "amount_negative")),
        ("2,2024-01-05,1.00,up,USD,sale,acme,77", ("3", "2", "unknown_word")),
        ("2,2024-01-05,1.00,in,EUR,sale,acme,77", ("3", "2", "account_differs")),
        ("2,2024-01-05,1.00,in,USD,sale,other,77", ("3", "2", "account_differs")),
        ("2,2024-01-05,1.00,in,USD,sale,ACME Inc,78", ("3", "2", "invalid_input")),
        ("2,2024-01-05,1.00,in,USD,sa\0le,acme,77", ("3", "2", "unusable_text")),
        ("1,2024-01-05T10:00:00,12.51,in,USD,sale,acme,77", ("3", "1", "exists_with_different_amount")),
    ],
)
def test_a_row_that_is_wrong_is_listed_and_stops_nothing(load: Import, row: str, rejected: tuple[str, ...]) -> None:
    report = load(GOOD, row, LATER)

    assert listed(report) == [rejected]
    assert report.rejected == {rejected[2]: 1}
    assert (report.rows, report.accepted, report.credits) == (3, 2, {"USD": "13.50"})


def test_a_quote_that_is_never_closed_costs_only_its_own_row(load: Import) -> None:
    rows = [f"{n},2024-01-05,1.00,in,USD,sale,acme,77" for n in range(2, 400)]

    report = load(GOOD, '0,2024-01-05,1.00,in,USD,"sale,acme,77', *rows)

    assert listed(report) == [("3", "", "malformed_csv")]
    assert report.accepted == 399


def test_lines_are_counted_through_quoted_line_breaks_and_blank_lines(load: Import) -> None:
    broken = '2,2024-01-05,1.00,in,USD,"sa\nle",acme,77'

    report = load(GOOD, broken, "", "short", LATER)

    assert report.accepted == 3
    assert listed(report) == [("6", "", "malformed_csv")]


def test_a_second_run_rejects_the_same_rows_again(load: Import) -> None:
    rows = (GOOD, "2,2024-01-05,-1.00,in,USD,sale,acme,77", "1,2024-01-06,12.50,in,USD,sale,acme,77", LATER)

    first, second = load(*rows), load(*rows)

    assert first.rejected == second.rejected == {"amount_negative": 1, "exists_with_different_effective_time": 1}
    assert (second.accepted, second.already_there) == (0, 2)
    assert second.position == first.position + 2, "that the import began and ended, and no transfer"
    assert listed(first) == listed(second)


def test_a_row_that_stands_twice_in_a_file_is_summed_once(load: Import) -> None:
    first, second = load(GOOD, GOOD, LATER, GOOD), load(GOOD, GOOD, LATER, GOOD)

    assert (first.accepted, first.already_there, first.twins, first.credits) == (2, 0, 2, {"USD": "13.50"})
    assert (second.accepted, second.already_there, second.twins, second.credits) == (0, 2, 2, {"USD": "13.50"})


def test_what_the_ledger_refuses_to_register_costs_only_its_own_rows(engine: sa.Engine, load: Import) -> None:
    with begin(engine, actor="test") as work:
        book_id = open_book(work, name="shop", jurisdiction="US", currency="USD")
        register_partners(work, book_id, [PartnerOrder("acme", "Acme Ltd", Vertical.SOFTWARE)])

    report = load(GOOD, LATER, *(f"{n},2024-01-05,1.00,in,USD,sale,other,{n}" for n in range(20, 30)), batch=100)

    assert report.rejected == {"idempotency_conflict": 2}
    assert report.accepted == 10


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "bad.csv has no header line"),
        (HEADER.replace("amount", "amout").encode(), "has no column 'amount'; it has: id, time, amout"),
        (HEADER.replace("code", "id").encode(), "has two columns 'id'"),
        (b"PAR1 this is no Parquet", "bad.csv cannot be read as Parquet"),
        (b"x" * (2 << 20), "bad.csv line 1 is longer than"),
    ],
)
def test_a_file_that_cannot_be_used_stops_before_anything_is_written(
    engine: sa.Engine, load: Import, tmp_path: Path, content: bytes, said: str
) -> None:
    good, bad = tmp_path / "good.csv", tmp_path / "bad.csv"
    good.write_text(f"{HEADER}\n{GOOD}\n")
    bad.write_bytes(content)

    with pytest.raises(InvalidInput) as refusal:
        load(good, bad)

    assert said in str(refusal.value)
    assert "\n" not in str(refusal.value)
    with read(engine) as reader, pytest.raises(Exception, match="there is no book 'shop'"):
        book_named(reader.connection, "shop")


def test_a_missing_file_and_a_folder_are_named(load: Import, tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match=r"missing.csv cannot be read: No such file"):
        load(tmp_path / "missing.csv")
    with pytest.raises(InvalidInput, match="cannot be read: Is a directory"):
        load(tmp_path)


def test_bytes_that_are_not_utf_8_stop_with_their_line_and_keep_what_came_before(
    load: Import, shop: Path, tmp_path: Path
) -> None:
    file = tmp_path / "czech.csv"
    rows = "".join(f"{n},2024-01-05,1.00,in,USD,sale,acme,77\n" for n in range(3))
    file.write_bytes(f"{HEADER}\n{rows}7,2024-01-05,1.00,in,USD,placení ě,acme,77\n".encode("cp1250"))

    with pytest.raises(
        InvalidInput, match=r"czech.csv line 5 is not utf-8: byte 0xed .* the 3 rows accepted so far stay"
    ):
        load(file)
    shop.write_text(shop.read_text().replace("[transfer]", '[csv]\nencoding = "cp1250"\n[transfer]'))
    report = load(file)

    assert (report.accepted, report.already_there) == (1, 3)


def test_a_book_under_other_terms_is_refused(load: Import, shop: Path) -> None:
    load(GOOD)
    shop.write_text(shop.read_text().replace('jurisdiction = "US"', 'jurisdiction = "CA"'))

    with pytest.raises(IdempotencyConflict, match="book 'shop' is under US in USD already"):
        load(GOOD)


@pytest.mark.parametrize(
    ("column", "said"),
    [
        (pa.array([1.5]), "has floats in column 'amount'; amounts and ids must be integer or decimal"),
        (pa.array([b"1.50"]), "has binary in column 'amount'; write integers, decimals, text or timestamps"),
    ],
)
def test_a_parquet_column_that_cannot_be_read_exactly_is_refused(
    load: Import, tmp_path: Path, column: pa.Array, said: str
) -> None:
    fields = {name: pa.array([text]) for name, text in zip(HEADER.split(","), GOOD.split(","), strict=True)}
    pq.write_table(pa.table(fields | {"amount": column}), tmp_path / "rows.parquet")

    with pytest.raises(InvalidInput, match=said):
        load(tmp_path / "rows.parquet")


def test_a_disk_that_takes_half_a_list_keeps_whole_rows_only(tmp_path: Path) -> None:
    rejected = RejectedRows(tmp_path, mapping="m", file=Path("f.csv"), at=datetime(2024, 1, 5, tzinfo=UTC))
    rows = [RejectedRow(n, "id", Fault(Rule.EMPTY, "the id is empty")) for n in range(9)]
    rejected.add(rows[:1])
    assert rejected.path is not None
    before = rejected.path.read_bytes()
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)

    resource.setrlimit(resource.RLIMIT_FSIZE, (len(before) + 40, limits[1]))  # the kernel takes 40 bytes and no more
    try:
        with pytest.raises(OSError, match="too large"):
            rejected.add(rows[1:])
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)

    assert rejected.path.read_bytes() == before


def test_a_failing_disk_is_one_refusal_that_says_what_stays(load: Import, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device", "rejected.csv")

    monkeypatch.setattr(RejectedRows, "add", full)

    with pytest.raises(Unavailable, match=r"rejected.csv: No space left on device; the 1 rows accepted so far stay"):
        load(GOOD, "short")
    monkeypatch.undo()
    report = load(GOOD, "short")

    assert (report.accepted, report.already_there, report.rejected) == (0, 1, {"malformed_csv": 1})


def test_connections_that_are_lost_are_one_refusal_and_the_next_run_completes(
    engine: sa.Engine, database_url: str, shop: Path, tmp_path: Path
) -> None:
    file = tmp_path / "rows.csv"
    rows = "".join(f"{n},2024-01-05,1.00,in,USD,sale,acme,77\n" for n in range(30))
    file.write_text(f"{HEADER}\n{rows}")

    def cut_off(*_: int) -> None:
        with psycopg.connect(database_url, autocommit=True) as other:
            other.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                "WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )

    with pytest.raises(Unavailable, match="run the same import again") as refusal:
        import_files(engine, shop, [file], vault=Vault(engine, KEYRINGS), home=tmp_path, progress=cut_off, batch=10)
    report = import_files(engine, shop, [file], vault=Vault(engine, KEYRINGS), home=tmp_path)

    assert "\n" not in str(refusal.value)
    assert report.credits == {"USD": "30.00"}
