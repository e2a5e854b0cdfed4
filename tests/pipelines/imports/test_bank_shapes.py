"""The shipped mappings of banks: each reads a file of its shape, row by row, to the figures that stand beside it."""

from pathlib import Path

import pytest

from ledger.kernel.errors import InvalidInput
from ledger.kernel.money import Money
from pipelines.imports.history import checked_balances, opened_file
from pipelines.imports.mapping import SHIPPED, HistoryMapping, load_mapping
from pipelines.imports.occurrences import Occurrences
from pipelines.imports.rows import HistoryRow, read_rows

SHAPES = Path(__file__).parent / "shapes"
NAMES = sorted(file.stem for file in SHAPES.glob("*.rows"))
GUIDE = Path(__file__).parents[3] / "docs/guides/import.md"


def shape(name: str) -> tuple[HistoryMapping, Path]:
    (file,) = (file for file in SHAPES.glob(f"{name}.*") if file.suffix != ".rows")
    return load_mapping(Path(name)), file


def rows_of(mapping: HistoryMapping, file: Path, batch: int = 2) -> list[HistoryRow]:
    """All rows, none of which is rejected."""
    found: list[HistoryRow] = []
    occurrences = Occurrences()
    for chunk in opened_file(file, mapping).chunks(batch):
        read = read_rows(mapping, chunk, occurrences)
        assert [*read.rejected, *chunk.torn] == []
        found += read.rows
    return found


def told(row: HistoryRow) -> str:
    side = "credit" if row.credited else "debit"
    return f"{row.line} {row.effective_at:%Y-%m-%d} {side} {Money(row.amount_minor, row.holder.currency)}"


@pytest.mark.parametrize("name", NAMES)
def test_a_bank_s_own_file_is_read_with_no_row_misread(name):
    mapping, file = shape(name)

    rows = rows_of(mapping, file)

    assert [told(row) for row in rows] == (SHAPES / f"{name}.rows").read_text().splitlines()
    assert len({row.external_id for row in rows}) == len(rows)
    check = checked_balances(mapping, opened_file(file, mapping), 2)
    assert (check is None) == (mapping.balance is None)
    assert check is None or (check.held >= 1, check.parted) == (True, [])


def test_a_shipped_mapping_of_a_bank_has_thirty_lines_at_most_and_stands_in_the_guide():
    table = GUIDE.read_text().split("### Banks")[1].split("\n#")[0]

    listed = [line.split("`")[1] for line in table.splitlines() if line.startswith("| `")]

    assert listed == NAMES
    assert {
        name: lines for name in NAMES if (lines := len((SHIPPED / f"{name}.toml").read_text().splitlines())) > 30
    } == {}


@pytest.mark.parametrize("name", [name for name in NAMES if load_mapping(Path(name)).balance is not None])
def test_an_amount_that_was_tampered_with_is_named_at_the_line_where_the_balances_part(name, tmp_path):
    mapping, file = shape(name)
    row = next(row for row in rows_of(mapping, file)[1:-1])
    lines = file.read_bytes().decode(mapping.dialect.encoding).split("\n")
    at = row.line - 1
    digits = f"{row.amount_minor:03}"[-3:-2]
    whole = str(row.amount_minor // 100)
    written = next(
        form
        for form in (
            whole,
            f"{whole[:-3]},{whole[-3:]}",
            f"{whole[:-3]} {whole[-3:]}",
            f"{whole[:-3]}.{whole[-3:]}",
            f"{whole[:-3]}'{whole[-3:]}",
        )
        if form in lines[at]
    )
    lines[at] = lines[at].replace(written, written[:-1] + str((int(digits) + 1) % 10), 1)
    tampered = tmp_path / file.name
    tampered.write_bytes("\n".join(lines).encode(mapping.dialect.encoding))

    with pytest.raises(InvalidInput, match=rf"{file.name} line \d+ declares the balance .*nothing was imported"):
        checked_balances(mapping, opened_file(tampered, mapping), 2)
