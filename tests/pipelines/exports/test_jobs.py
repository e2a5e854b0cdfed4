"""The hourly job: makes and delivers what is due, once, and says what was not."""

from datetime import date
from pathlib import Path

from ledger.exports.destinations import DestinationOrder, set_destination
from pipelines.exports.jobs import made_and_delivered
from tests.pipelines.exports.programme import Programme


def test_what_is_due_is_made_and_delivered_once_and_what_is_withheld_is_named(
    programme: Programme, tmp_path: Path
) -> None:
    programme.oblige("statements")
    programme.oblige("custodial")
    programme.open("ann", "alder")
    programme.fund("ann", "100.00")
    programme.bank("alder", "100.00", date(2026, 1, 5))
    order = DestinationOrder("custodial", None, f"file://{tmp_path}/inbox")
    with programme.work() as work:
        set_destination(work, programme.vault, programme.book_id, order, is_active=True, reason="a test")
    programme.on(date(2026, 1, 7))
    said: list[str] = []

    left = made_and_delivered(programme.exporter, said.append)
    left_again = made_and_delivered(programme.exporter, said.append)

    assert len(said) == 1, "the 5th is made once; the 6th lacks the bank's balance, and January has not ended"
    assert "custodial 2026-01-05 is made" in said[0]
    assert [each.partition(";")[0] for each in left] == [each.partition(";")[0] for each in left_again]
    assert "alder USD: bank not stated for 2026-01-06" in left[0]
    assert programme.count("exports WHERE state = 'withheld'") == 1, "the same reason is recorded once"
    assert len(list((tmp_path / "inbox").rglob("manifest.sig"))) == 1
