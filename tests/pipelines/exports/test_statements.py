"""Statements of account as camt.053: they add up, tie to the ledger, and are the same bytes when made again."""

import os
import re
from datetime import date
from pathlib import Path

import pytest
from lxml import etree

from ledger.exports.export_queries import exports
from ledger.exports.records import ExportState
from ledger.kernel.errors import InvalidInput, NotFound
from ledger.kernel.work import read
from pipelines.exports.camt053 import NAMESPACE, SCHEMA, structural_faults
from pipelines.exports.manifest import read_manifest
from pipelines.exports.reports.statements import FILE, REPORT
from pipelines.exports.runs import make_export, try_export
from tests.pipelines.exports.programme import Programme, files_of

_SCHEMAS = Path(os.environ.get("COFFERDAM_REPORT_SCHEMAS", "/nowhere"))


@pytest.fixture
def january(programme: Programme) -> Programme:
    """Two accounts with money of January and of February, on the 5th of February."""
    programme.oblige("statements")
    programme.open("ann", "alder")
    programme.open("shop", "alder")
    programme.fund("ann", "100.00")
    programme.on(date(2026, 1, 20))
    programme.move("ann", "shop", "30.01", code="purchase")
    programme.on(date(2026, 2, 5))
    programme.move("ann", "shop", "5.00")
    return programme


def test_a_statement_leads_from_the_opening_balance_by_its_lines_to_the_closing_balance(january: Programme) -> None:
    first = make_export(january.exporter, REPORT, january.what(REPORT, "2026-01", "alder"))
    january.on(date(2026, 3, 2))
    second = make_export(january.exporter, REPORT, january.what(REPORT, "2026-02", "alder"))

    assert _balances(first.folder)[january.accounts["ann"][0].hex] == ("0.00", "69.99")
    assert _balances(second.folder)[january.accounts["ann"][0].hex] == ("69.99", "64.99")
    manifest = read_manifest(first.folder)
    assert manifest["control_totals"]["entries"] == "4"
    assert manifest["control_totals"]["closing_USD"] == "0.00", "what one account has came from another one"
    assert {each["name"]: each["ok"] for each in manifest["checks"]} == {
        "statements_add_up": True,
        "closings_tie_to_the_ledger": True,
    }


def test_the_same_position_gives_the_same_bytes_and_the_same_export(january: Programme) -> None:
    what = january.what(REPORT, "2026-01", "alder")
    made = make_export(january.exporter, REPORT, what)
    before = files_of(made.folder)
    for path in made.folder.iterdir():
        path.unlink()
    made.folder.rmdir()
    january.move("ann", "shop", "1.00")  # a later fact of another month

    again = make_export(january.exporter, REPORT, what, as_of=made.export.as_of_seq)

    assert (again.is_new, again.export.export_id) == (False, made.export.export_id)
    assert files_of(again.folder) == before
    assert len(before) == 3


def test_a_late_correction_makes_an_amendment_and_overwrites_nothing(january: Programme) -> None:
    what = january.what(REPORT, "2026-01", "alder")
    made = make_export(january.exporter, REPORT, what)
    before = files_of(made.folder)
    assert not make_export(january.exporter, REPORT, what).is_new, "nothing that counts to January was added"
    january.move("ann", "shop", "0.01", on=date(2026, 1, 31))

    trial = try_export(january.exporter, REPORT, what)
    amendment = make_export(january.exporter, REPORT, what)

    assert f"{FILE}: 4 rows before, 6 now, other contents" in trial.differences
    assert amendment.export.supersedes_id == made.export.export_id
    assert read_manifest(amendment.folder)["supersedes"] == f"exp_{made.export.export_id.hex}"
    assert files_of(made.folder) == before
    with read(january.engine) as reader:
        states = {each.export_id: each.state for each in exports(reader, january.book_id)}
    assert states == {made.export.export_id: ExportState.SUPERSEDED, amendment.export.export_id: ExportState.MADE}


@pytest.mark.parametrize(
    ("period", "as_of", "says"),
    [
        ("2026-02", None, "has not ended"),
        ("2026-01", 10_000, "has not reached position 10000"),
        ("2026-01", 0, "has not reached position 0"),
        ("2026-1-1", None, "write a month such as 2026-01"),
    ],
)
def test_what_cannot_be_reported_is_refused_with_what_would_be_right(
    january: Programme, period: str, as_of: int | None, says: str
) -> None:
    with pytest.raises(InvalidInput, match=says):
        make_export(january.exporter, REPORT, january.what(REPORT, period, "alder"), as_of=as_of)


def test_a_report_that_nobody_owes_and_a_book_that_never_operated_are_refused(programme: Programme) -> None:
    programme.on(date(2026, 2, 5))
    with pytest.raises(InvalidInput, match="no obligation to report statements"):
        make_export(programme.exporter, REPORT, programme.what(REPORT, "2026-01", "alder"))
    programme.oblige("statements")
    with pytest.raises(InvalidInput, match="never operated"):
        make_export(programme.exporter, REPORT, programme.what(REPORT, "2026-01", "alder"))
    with pytest.raises(NotFound):
        make_export(programme.exporter, REPORT, programme.what(REPORT, "2026-01", "cedar"))


def test_the_rules_of_the_message_find_a_changed_cent(january: Programme) -> None:
    made = make_export(january.exporter, REPORT, january.what(REPORT, "2026-01", "alder"))
    file = made.folder / FILE
    assert list(structural_faults(file)) == []

    changed, count = re.subn(rb'(</NtryRef><Amt Ccy="USD">)30.01', rb"\g<1>30.02", file.read_bytes(), count=1)
    assert count == 1
    file.with_suffix(".changed").write_bytes(changed)

    assert any("are not closing" in fault for fault in structural_faults(file.with_suffix(".changed")))


@pytest.mark.skipif(
    not (_SCHEMAS / SCHEMA).exists(), reason="COFFERDAM_REPORT_SCHEMAS names no folder with that schema"
)
def test_a_statement_is_valid_by_the_official_schema(january: Programme) -> None:
    exporter = january.with_schemas(_SCHEMAS)
    made = make_export(exporter, REPORT, january.what(REPORT, "2026-01", "alder"))
    assert read_manifest(made.folder)["validity"] == {FILE: f"valid by {SCHEMA}"}


def _balances(folder: Path) -> dict[str, tuple[str, str]]:
    """The opening and closing balance of each account."""
    document = etree.parse(str(folder / FILE))
    names = {"c": NAMESPACE}
    found = {}
    for statement in document.iterfind(".//c:Stmt", names):
        amounts = [each.text for each in statement.iterfind("c:Bal/c:Amt", names)]
        found[statement.findtext("c:Acct/c:Id/c:Othr/c:Id", namespaces=names)] = tuple(amounts)
    return found
