"""Manifests and their signatures, as a stranger checks them, and the register of deadlines."""

import subprocess
import sys
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from ledger.exports.exports import step_export
from ledger.exports.records import ExportState
from ledger.exports.signing_keys import rotate_key
from ledger.kernel.business_days import Market
from ledger.kernel.errors import IllegalTransition
from ledger.kernel.work import read
from pipelines.exports.manifest import read_manifest
from pipelines.exports.periods import period_of, periods
from pipelines.exports.register import deadlines
from pipelines.exports.reports import custodial
from pipelines.exports.reports.statements import REPORT
from pipelines.exports.runs import make_export
from pipelines.exports.signing import Made
from tests.conftest import ROOT
from tests.pipelines.exports.programme import Programme

VERIFIER = ROOT / "docs/guides/verify_export.py"


@pytest.fixture
def made(programme: Programme) -> Made:
    programme.oblige("statements")
    programme.open("ann", "alder")
    programme.fund("ann", "100.00")
    programme.days_later(40)
    return make_export(programme.exporter, REPORT, programme.what(REPORT, "2026-01", "alder"))


def test_a_stranger_checks_an_export_with_one_short_file(made: Made, tmp_path: Path) -> None:
    manifest = read_manifest(made.folder)

    assert _verified(made.folder, manifest["public_key"]) == (0, f"ok: statements as of {made.export.as_of_seq} ")
    assert _verified(made.folder, "ab" * 32)[0] == 1, "signed by another key"
    for name in ("statements.camt053.xml", "manifest.json", "manifest.sig"):
        changed = tmp_path / name
        changed.mkdir()
        for path in made.folder.iterdir():
            content = path.read_bytes()
            (changed / path.name).write_bytes(content.replace(b"0", b"1", 1) if path.name == name else content)
        assert _verified(changed)[0] == 1, f"{name} was changed"


def test_the_verifier_is_short() -> None:
    code = VERIFIER.read_text().rpartition('"""')[2]
    assert len(code.splitlines()) < 45


def test_after_a_rotation_the_new_key_signs_and_the_old_exports_stay_as_they_are(
    programme: Programme, made: Made
) -> None:
    with programme.work() as work:
        newer = rotate_key(work, programme.vault, programme.book_id, reason="a year has passed")
    programme.days_later(28)

    february = make_export(programme.exporter, REPORT, programme.what(REPORT, "2026-02", "alder"))
    again = make_export(
        programme.exporter, REPORT, programme.what(REPORT, "2026-01", "alder"), as_of=made.export.as_of_seq
    )

    assert february.export.key_id == newer.key_id != made.export.key_id
    assert again.export.key_id == made.export.key_id
    assert _verified(february.folder, newer.public_key.hex())[0] == 0


def test_the_register_says_what_is_due_late_made_and_acknowledged(programme: Programme, made: Made) -> None:
    with programme.work() as work:
        step_export(work, programme.book_id, made.export.export_id, "acknowledge", reason="accepted", receipt="BSA-1")
    programme.now = datetime(2026, 3, 20, tzinfo=UTC)

    with read(programme.engine) as reader:
        found = deadlines(reader, programme.place.book, programme.now, from_on=date(2026, 1, 1))

    assert [
        (each.what.partner_ref, str(each.what.until_on), str(each.due_on), each.state, each.is_late) for each in found
    ] == [
        ("alder", "2026-01-31", "2026-02-13", "acknowledged", True),
        ("birch", "2026-01-31", "2026-02-13", "overdue", True),
        ("alder", "2026-02-28", "2026-03-13", "overdue", True),
        ("birch", "2026-02-28", "2026-03-13", "overdue", True),
    ]
    assert found[0].acknowledged_at is not None
    assert found[0].export is not None
    assert (found[0].export.state, found[0].export.receipt) == (ExportState.ACKNOWLEDGED, "BSA-1")
    with pytest.raises(IllegalTransition), programme.work() as work:
        step_export(work, programme.book_id, made.export.export_id, "reject", reason="late", receipt="BSA-2")


def test_a_weekend_and_a_holiday_count_to_the_next_business_day() -> None:
    market = Market.FEDERAL_RESERVE
    found = list(periods(custodial.REPORT, market, date(2026, 11, 25), date(2026, 11, 30)))

    assert [(str(each.from_on), str(each.until_on)) for each in found] == [
        ("2026-11-25", "2026-11-25"),
        ("2026-11-26", "2026-11-27"),
        ("2026-11-28", "2026-11-30"),
    ]
    assert period_of(custodial.REPORT, market, "2026-11-27") == found[1]
    assert str(found[0].due_on) == "2026-11-27"


def _verified(folder: Path, *key: str) -> tuple[int, str]:
    ran = subprocess.run(
        [sys.executable, str(VERIFIER), str(folder), *key], capture_output=True, text=True, check=False
    )
    return ran.returncode, ran.stdout.partition("with chain hash")[0]
