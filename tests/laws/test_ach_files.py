"""Laws of ACH files: what is written is read again, what is changed is refused, and columns read what records read."""

import io

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ledger.rails.ach import framing, plain_entries
from ledger.rails.ach.errors import InvalidAchFile
from ledger.rails.ach.fields import Kind
from ledger.rails.ach.plain_entries import PLAIN_CLASSES
from ledger.rails.ach.reader import Reading
from ledger.rails.ach.records import Record
from tests.ledger.rails.ach_files import Batch, files, read, written

LINE_BREAKS = ("\n", "\r\n", "")


@given(files(), st.sampled_from(LINE_BREAKS))
def test_a_file_that_was_written_reads_back_the_same(made: tuple[Record, list[Batch]], line_break: str):
    header, batches = made

    file = written(batches, header, line_break)

    assert read(file) == (header, batches)
    assert written(read(file)[1], header, line_break) == file


@settings(max_examples=100)
@given(files(), st.data())
def test_a_changed_byte_is_refused_or_changes_a_text_alone(made: tuple[Record, list[Batch]], data: st.DataObject):
    file = bytearray(written(made[1], made[0]))
    at = data.draw(st.integers(0, len(file) - 1))
    file[at] = data.draw(st.integers(0, 255).filter(lambda byte: byte != file[at]))

    try:
        changed = read(bytes(file))
    except InvalidAchFile:
        return

    before, after = _values((made[0], made[1])), _values(changed)
    differing = [(name, kind) for (name, kind, was), (_, _, became) in zip(before, after, strict=True) if was != became]
    assert len(differing) <= 1
    assert all(kind in _FREE or name in _UNCHECKED for name, kind in differing), differing


_FREE = {Kind.TEXT, Kind.REQUIRED, Kind.CODE, Kind.DATE, Kind.OPTIONAL_DATE, Kind.OPTIONAL_DIGITS}
_UNCHECKED = {
    # Numbers that nothing else in the file repeats.
    "foreign_payment_amount_minor",
    "advice_routing_number",
    "ach_operator_routing_number",
    "day_of_year",
    "sequence_number",
    "card_expiration_date",
    "card_transaction_type",
    "original_entry_trace_number",
    "original_receiving_dfi",
    "transaction_date",
    "id_number_qualifier",
    "trace_number",
    "originator_status_code",
    "account_type",
}


def _values(file: tuple[Record | None, list[Batch]]) -> list[tuple[str, Kind, object]]:
    """Each value of a file in order, with its field's name and kind."""
    header, batches = file
    assert header is not None
    records = [header]
    for head, entries in batches:
        records.append(head)
        for each in entries:
            records += [each.detail, *each.addenda]
    return [
        (field.name, field.kind, record.values()[field.name]) for record in records for field in record.layout.valued
    ]


@given(files(sorted(PLAIN_CLASSES)), st.data())
def test_columns_accept_what_records_accept_and_read_the_same(made: tuple[Record, list[Batch]], data: st.DataObject):
    file = bytearray(written(made[1], made[0]))
    if data.draw(st.booleans()):
        at = data.draw(st.integers(0, len(file) - 1))
        file[at] = data.draw(st.sampled_from(b"0123456789 A\n7"))

    by_columns = _outcome(bytes(file))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(plain_entries.EntryColumns, "plain", lambda *_: None)
        by_records = _outcome(bytes(file))

    assert by_columns == by_records


@pytest.mark.parametrize("read_bytes", [94, 300])
@given(made=files(), line_break=st.sampled_from(LINE_BREAKS))
@settings(max_examples=20)
def test_a_file_reads_the_same_in_chunks_of_any_size(
    made: tuple[Record, list[Batch]], line_break: str, read_bytes: int
):
    file = written(made[1], made[0], line_break)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(framing, "_READ_BYTES", read_bytes)
        in_chunks = _outcome(file)

    assert in_chunks == _outcome(file)


def _outcome(file: bytes) -> object:
    """All that a reading says: entries, totals, or faults."""
    reading = Reading(io.BytesIO(file))
    try:
        entries = [(part.batch_header, entry) for part in reading for entry in part.entries()]
    except InvalidAchFile as invalid:
        return invalid.faults
    return reading.file_header, entries, reading.totals
