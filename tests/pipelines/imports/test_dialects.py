"""How files are written around their rows: preambles, headers, footers, encodings, names; without a database."""

from pathlib import Path

import pytest

from ledger.kernel.errors import InvalidInput
from pipelines.imports.chunks import RejectedRow
from pipelines.imports.history import checked_balances, opened_file
from pipelines.imports.mapping import read_mapping
from pipelines.imports.occurrences import Occurrences
from pipelines.imports.rows import ReadRows, read_rows
from tests.pipelines.imports.conftest import HEADER, MAPPING

ROW = "1,2024-01-05,1.00,in,USD,sale,acme,77"
NEXT = "2,2024-01-06,2.00,out,USD,sale,acme,77"


@pytest.fixture
def read(tmp_path: Path):
    """Read a text as a file, by the mapping of the shop with a [csv] section and other changes."""

    def run(text: str | bytes, csv: str = "", *changes: tuple[str, str]) -> tuple[ReadRows, list[RejectedRow]]:
        declared = MAPPING.replace("[transfer]", f"[csv]\n{csv}\n[transfer]", 1)
        for old, new in changes:
            assert old in declared
            declared = declared.replace(old, new, 1)
        mapping, file = read_mapping("shop", declared), tmp_path / "rows.csv"
        file.write_bytes(text.encode() if isinstance(text, str) else text)
        opened = opened_file(file, mapping)
        checked_balances(mapping, opened, 2)
        chunk = next(opened.chunks(100))
        found = read_rows(mapping, chunk, Occurrences())
        return found, [*chunk.torn, *found.rejected]

    return run


def lines_of(found) -> list[tuple[int, str]]:
    rows, rejected = found
    assert rejected == []
    return [(row.line, row.external_id) for row in rows.rows]


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "cp1252", "cp1250"]
)
def test_a_file_is_read_in_its_declared_encoding_with_any_line_breaks(read, encoding):
    row = ROW.replace("sale", "Šžé €" if encoding != "cp1252" else "Žé €")
    text = f'{HEADER}\r\n{row}\r\n2,2024-01-06,2.00,out,USD,"a\r\nb",acme,77\r\n{NEXT.replace("2,", "3,", 1)}'

    found = read(text.encode(encoding), f'encoding = "{encoding}"')

    assert lines_of(found) == [(2, "1"), (3, "2"), (5, "3")]
    assert [row.code for row in found[0].rows] == [row.split(",")[5], "a\r\nb", "sale"]


@pytest.mark.parametrize(
    ("content", "csv", "said"),
    [
        (
            "x".encode("utf-16"),
            "",
            "begins with the byte order mark of utf-16, and is declared as utf-8; say [csv] encod",
        ),
        ("x".encode("utf-8-sig"), 'encoding = "cp1252"', "begins with the byte order mark of utf-8"),
        ("x".encode("utf-16-le"), 'encoding = "utf-16"', 'has two readings; say [csv] encoding = "utf-16-le" or "-be"'),
        (b"\xff\xfea", 'encoding = "utf-16"', "line 1 or one soon after it is not utf-16: truncated data"),
        (b"sep=;\na;b", 'delimiter = ";"', "has no column 'id'; it has: sep=; say [csv] sep_line = true"),
        (b"a;b", 'delimiter = ";"\nsep_line = true', "line 1 is no sep=;: it is 'a;b'"),
        (b"sep=,\na;b", 'delimiter = ";"\nsep_line = true', "line 1 is no sep=;: it is 'sep=,'"),
        (b"a,b\n1,2", 'header = "find"', "has no line among its first 2 with the columns id, time"),
        (b"", "footer_lines = 3", "has no header line"),
    ],
)
def test_a_file_that_is_written_otherwise_than_declared_is_told_what_to_declare(read, content, csv, said):
    with pytest.raises(InvalidInput) as refusal:
        read(content, csv)

    assert said in str(refusal.value).replace("sep=, ;", "sep=;")


def test_a_preamble_is_passed_over_by_its_length_or_by_looking_for_the_header(read):
    before = 'Account;"77\n\nBalance, 5.00\n'
    text = f"{before}{HEADER}\n{ROW}\n"

    assert lines_of(read(text, "skip_lines = 3")) == lines_of(read(text, 'header = "find"')) == [(5, "1")]


def test_a_line_that_says_sep_is_no_header_and_no_row(read):
    text = f"sep=;\n{HEADER}\n{ROW}\n".replace(",", ";")

    assert lines_of(read(text, 'delimiter = ";"\nsep_line = true')) == [(3, "1")]
    assert lines_of(read(f"sep=\t\n{HEADER}\n{ROW}\n".replace(",", "\t"), 'delimiter = "\\t"\nsep_line = true')) == [
        (3, "1")
    ]


def test_a_file_without_a_header_has_the_declared_columns(read):
    names = ", ".join(f'"{name}"' for name in HEADER.split(","))

    assert lines_of(read(f"{ROW}\n{NEXT}", f"columns = [{names}]")) == [(1, "1"), (2, "2")]


def test_footers_and_totals_are_no_rows(read):
    footer = "\nTotal,,3.00\nPrinted for Ann\n\n"

    assert lines_of(read(f"{HEADER}\n{ROW}\n{NEXT}\n{footer}", "footer_lines = 2")) == [(2, "1"), (3, "2")]
    kept = read(f'{HEADER}\n"Total day 1",,3.00\n{ROW}\nTotal "x"y\n{NEXT}', 'skip_beginning = ["Total"]')
    assert (lines_of(kept), kept[0].skipped) == ([(3, "1"), (5, "2")], 2)


@pytest.mark.parametrize("csv", ["footer_lines = 1", "footer_lines = 2"])
def test_a_file_without_the_declared_footer_is_refused_before_its_last_rows_are_lost(read, csv):
    with pytest.raises(InvalidInput, match=r"rows.csv line [34] is no row by its place, and reads as one; mend skip_l"):
        read(f"{HEADER}\n{ROW}\n{NEXT}\n{NEXT.replace('2,', '3,', 1)}\n", csv)


def test_a_file_without_the_declared_preamble_is_refused_before_its_first_row_is_lost(read):
    names = ", ".join(f'"{name}"' for name in HEADER.split(","))

    assert lines_of(read(f"Account 77\n{ROW}\n{NEXT}", f"skip_lines = 1\ncolumns = [{names}]")) == [(2, "1"), (3, "2")]
    with pytest.raises(InvalidInput, match=r"rows.csv line 1 is no row by its place"):
        read(f"{ROW}\n{NEXT}", f"skip_lines = 1\ncolumns = [{names}]")


def test_rows_that_the_mapping_leaves_out_are_counted_and_no_others(read):
    rows = [ROW.replace("sale", "pending"), NEXT, ROW.replace("sale", "Total of day"), NEXT.replace("sale", "")]
    skip = ("[partner]", '[[skip]]\ncolumn = "code"\nis = ["pending", ""]\nbegins = ["Total"]\n[partner]')

    found = read("\n".join([HEADER, *rows]), "", skip)

    assert (lines_of(found), found[0].skipped) == ([(3, "2")], 3)


def test_a_delimiter_at_the_end_of_rows_or_header_is_allowed_where_it_is_declared(read):
    assert lines_of(read(f"{HEADER}\n{ROW},\n{NEXT}", "trailing_delimiter = true")) == [(2, "1"), (3, "2")]
    assert lines_of(read(f"{HEADER},\n{ROW}\n{NEXT},", "trailing_delimiter = true")) == [(2, "1"), (3, "2")]
    assert [row.line for row in read(f"{HEADER}\n{ROW},\n{NEXT}")[1]] == [2]
    assert [row.line for row in read(f"{HEADER}\n{ROW},x\n{NEXT}", "trailing_delimiter = true")[1]] == [2]


def test_a_column_is_named_whatever_signs_are_in_its_name_or_by_its_place(read):
    odd = HEADER.replace("amount", "amount {EUR} 100%").replace("id,time", ",time").replace("code", "time")
    changes = [
        ('column = "amount"', 'column = "amount {EUR} 100%"'),
        ('id = { column = "id" }', 'id = { template = "{#1}-{amount {{EUR}} 100%}" }'),
        ('time = { column = "time" }', 'time = { column = "time#1" }'),
        ('code = { column = "code" }', 'code = { column = "time#2" }'),
    ]

    found = read(f"{odd}\n{ROW}", "", *changes)

    assert lines_of(found) == [(2, "1-1.00")]
    assert found[0].rows[0].code == "sale"
    with pytest.raises(InvalidInput, match="has two columns 'time'; give each a name of its own, or say 'time#1'"):
        read(f"{odd}\n{ROW}", "", *changes[:2])


def test_blanks_around_names_and_fields_are_taken_away_where_that_is_declared(read):
    padded = f"{HEADER.replace(',', '  , ')}\n{ROW.replace(',', chr(160) + ' , ')}"

    assert lines_of(read(padded, "trim = true")) == [(2, "1")]


BALANCES = ("[partner]", '[balance]\ncolumn = "code"\n[partner]')


@pytest.mark.parametrize(
    ("balances", "order", "line"),
    [
        (["1.00", "-1.00", "0.00"], "oldest-first", None),
        (["1.00", "", "0.00"], "oldest-first", None),
        (["1.00", "-1.00", "0.01"], "oldest-first", 4),
        (["1.00", "1.00", "2.00"], "oldest-first", 3),
        (["5.00", "", "4.01"], "oldest-first", 4),
        (["9.00", "8.00", "10.00"], "newest-first", None),
        (["9.00", "8.00", "10.01"], "newest-first", 4),
        (["9.00", "", "10.00"], "newest-first", None),
    ],
)
def test_a_running_balance_is_held_against_the_rows_and_the_first_line_where_they_part_is_named(
    read, balances, order, line
):
    moves = [("1", "1.00", "in"), ("2", "2.00", "out"), ("3", "1.00", "in")]
    rows = [
        f"{n},2024-01-05,{amount},{way},USD,{balance},acme,7"
        for (n, amount, way), balance in zip(moves, balances, strict=True)
    ]
    declared = (BALANCES[0], BALANCES[1].replace("[partner]", f'order = "{order}"\n[partner]'))
    code = ('code = { column = "code" }', 'code = { constant = "sale" }')

    if line is None:
        assert len(lines_of(read("\n".join([HEADER, *rows]), "", declared, code))) == 3
    else:
        with pytest.raises(InvalidInput, match=rf"rows.csv line {line} declares the balance .* the rows come to"):
            read("\n".join([HEADER, *rows]), "", declared, code)


@pytest.mark.parametrize(
    ("opening", "closing", "said"),
    [
        ("10.00", "9.00", None),
        ("10.00", "9.01", r"line 6 declares the balance 9.01 USD, and the rows come to 9.00 USD"),
        ("10.00", "x", r"line 6 declares a balance that cannot be read"),
        ("10.00", "", r"line 6 begins with 'Closing' and has no field 2"),
    ],
)
def test_a_closing_balance_is_held_against_the_opening_one_and_the_rows(read, opening, closing, said):
    text = f"Opening,{opening}\n\n{HEADER}\n{ROW}\n{NEXT}\nClosing,{closing}\n"
    labels = 'opening = { begins = "Opening" }\nclosing = { begins = "Closing", field = 2 }'
    change = ("[partner]", f"[balance]\n{labels}\n[partner]")

    if said is None:
        assert len(lines_of(read(text, "skip_lines = 2\nfooter_lines = 1", change))) == 2
    else:
        with pytest.raises(InvalidInput, match=said):
            read(text, "skip_lines = 2\nfooter_lines = 1", change)


def test_a_rejected_row_breaks_the_chain_of_balances_and_no_more(read):
    rows = [
        "1,2024-01-05,1.00,in,USD,1.00,acme,7",
        "2,2024-01-05,x,in,USD,2.00,acme,7",
        "3,2024-01-05,1.00,in,USD,7.00,acme,7",
    ]
    last = "4,2024-01-05,1.00,in,USD,{},acme,7"
    code = ('code = { column = "code" }', 'code = { constant = "sale" }')

    found, rejected = read("\n".join([HEADER, *rows, last.format("8.00")]), "", BALANCES, code)

    assert ([row.line for row in found.rows], [row.line for row in rejected]) == ([2, 4, 5], [3])
    with pytest.raises(InvalidInput, match=r"line 5 declares the balance 8\.01"):
        read("\n".join([HEADER, *rows, last.format("8.01")]), "", BALANCES, code)


def test_the_currency_may_be_told_by_the_symbol_beside_the_amount(read):
    changes = [
        (
            'amount = { column = "amount", decimals = 2 }',
            'amount = { column = "amount", decimals = 2, symbols = { "€" = "EUR", "US$" = "USD" } }',
        ),
        ('currency = { column = "currency" }', "currency = { from_amount = true }"),
    ]
    rows = [ROW.replace("1.00", "1.00 €"), NEXT.replace("2.00", "US$ 2.00"), ROW.replace("1.00", "3.00")]

    found, rejected = read("\n".join([HEADER, *rows]), "", *changes)

    assert [(row.holder.currency, row.amount_minor) for row in found.rows] == [("EUR", 100), ("USD", 200)]
    assert [(row.line, row.fault.rule) for row in rejected] == [(4, "unknown_currency")]


def test_a_mapping_may_begin_with_a_byte_order_mark_and_a_long_or_personal_id_be_a_digest(read):
    assert read_mapping("shop", MAPPING).name == read_mapping("shop", f"\ufeff{MAPPING}").name
    digest = ('id = { column = "id" }', 'id = { template = "{id}", digest = true }')

    found = read(f"{HEADER}\n{ROW.replace('1,', 'é' * 300 + ',', 1)}\n{NEXT}", "", digest)

    assert [len(row.external_id) for row in found[0].rows] == [32, 32]
