"""A mapping that is drafted from a file, and the first rows as a mapping reads them."""

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from ledger.kernel.errors import InvalidInput
from pipelines.imports.drafts import draft_mapping
from pipelines.imports.previews import first_rows
from tests.pipelines.imports.conftest import HEADER

SHAPES = Path(__file__).parent / "shapes"
READ_AS_DRAFTED = [
    *("bank-of-america", "barclays", "boursorama", "csob", "dkb", "fio", "hdfc", "ing-diba", "nubank"),
    *("pko", "postfinance", "rabobank", "sparkasse", "ubs"),
]


def drafted(file: Path, folder: Path) -> Path:
    mapping = folder / "drafted.toml"
    mapping.write_text(draft_mapping(file))
    return mapping


@pytest.mark.parametrize("name", READ_AS_DRAFTED)
def test_a_draft_loads_as_it_is_and_reads_the_days_and_amounts_of_the_file(name, tmp_path):
    (file,) = (file for file in SHAPES.glob(f"{name}.*") if file.suffix != ".rows")

    rows = first_rows(drafted(file, tmp_path), file, 100)

    told = {f"{row['line']} {str(row.get('effective_at'))[:10]} {row.get('amount')}" for row in rows}
    wanted = [line.split() for line in (SHAPES / f"{name}.rows").read_text().splitlines()]
    currency_aside = {f"{line} {day} {amount}" for line, day, _, amount, _ in wanted}
    assert currency_aside <= {each.rpartition(" ")[0] for each in told}


def test_every_value_of_a_draft_is_marked_as_a_guess():
    text = draft_mapping(SHAPES / "ubs.csv")

    unmarked = [line for line in text.splitlines() if "=" in line and "# guess" not in line]

    assert unmarked in ([], ['kind = "liquidity"'])


def test_a_date_with_two_readings_is_drafted_with_both(tmp_path):
    (tmp_path / "rows.csv").write_text("date,amount,text\n01/02/2024,-1.00,x\n03/02/2024,2.50,y\n")

    text = draft_mapping(tmp_path / "rows.csv")

    assert 'format = "%d/%m/%Y", zone = "UTC" } # guess, or %m/%d/%Y: nothing in the file tells them apart' in text


def test_a_parquet_file_is_drafted_from_its_columns(tmp_path):
    table = pa.table({"day": ["2024-01-05"], "amount": ["-12.50"], "memo": ["x"], "currency": ["CHF"]})
    pq.write_table(table, tmp_path / "rows.parquet")

    (row,) = first_rows(drafted(tmp_path / "rows.parquet", tmp_path), tmp_path / "rows.parquet", 5)

    assert (row["effective_at"], row["side"], row["amount"]) == ("2024-01-05T00:00:00+00:00", "debit", "12.50 CHF")


@pytest.mark.parametrize("content", [b"", b"a,b\n", b"a,b\nx,y\n", b"\xff\xfe\x00", b"PAR1"])
def test_a_file_that_no_mapping_can_be_drafted_from_is_told_in_one_line(tmp_path, content):
    (tmp_path / "rows.csv").write_bytes(content)

    with pytest.raises(InvalidInput) as refusal:
        draft_mapping(tmp_path / "rows.csv")

    assert "\n" not in str(refusal.value)


def test_the_first_rows_are_shown_as_read_with_those_that_would_be_rejected(shop, tmp_path):
    rows = ["1,2024-01-05,1.00,in,USD,sale,acme,77", "2,2024-01-05,1.000,in,USD,sale,acme,77", "short"]
    (tmp_path / "rows.csv").write_text("\n".join([HEADER, *rows, rows[0]]))

    good, bad, torn = first_rows(shop, tmp_path / "rows.csv", 3)

    assert (good["line"], good["amount"], good["side"], good["account"]) == (2, "1.00 USD", "credit", "shop:77")
    assert (bad["line"], bad["rule"], torn["line"], torn["rule"]) == (3, "unreadable_amount", 4, "malformed_csv")
    assert "'1.000'" in str(bad["reason"])
