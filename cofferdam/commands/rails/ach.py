"""Check an ACH file."""

from collections import Counter
from collections.abc import Iterable
from datetime import date
from itertools import groupby
from pathlib import Path
from typing import Annotated, Final

import typer

from cofferdam.dates import day
from cofferdam.output import AsJson, answer
from ledger.kernel.errors import InvalidInput
from ledger.rails.ach.change_codes import CHANGE_CODES, REFUSED_CHANGE_CODES, corrected_data
from ledger.rails.ach.descriptions import misused_descriptions
from ledger.rails.ach.entries import Entry
from ledger.rails.ach.errors import Fault, InvalidAchFile
from ledger.rails.ach.fields import day_of
from ledger.rails.ach.reader import FAULTS_MAX, Part, Reading
from ledger.rails.ach.records import Record
from ledger.rails.ach.return_codes import RETURN_CODES
from ledger.rails.ach.reversals import reversing_entries, reversing_header
from ledger.rails.ach.writer import FileWriter

_INVALID: Final = 1
_ANSWERS_MAX: Final = 1_000


def command(
    file: Annotated[Path, typer.Argument(help="The file.", exists=True, dir_okay=False)],
    *,
    faults: Annotated[int, typer.Option(min=1, help="Faults to find before it gives up.")] = FAULTS_MAX,
    reversal: Annotated[Path | None, typer.Option(help="Write a file that undoes every batch.")] = None,
    effective: Annotated[str | None, typer.Option(help="Effective date of the reversal.")] = None,
    as_json: AsJson = False,
) -> None:
    """Check an ACH file: totals, returns, changes, and every fault by line and field.

    It ends with 1 if there is a fault.
    """
    if (reversal is None) != (effective is None):
        raise InvalidInput("--reversal and --effective belong together; give both")
    found = _Found()
    try:
        with file.open("rb") as stream:
            reading = Reading(stream, faults_max=faults)
            for part in reading:
                found.take(part)
    except InvalidAchFile as invalid:
        shown = {"file": str(file), "is_valid": False, "faults": [fault._asdict() for fault in invalid.faults]}
        answer(shown, _fault_lines(file, invalid.faults), as_json=as_json)
        raise typer.Exit(_INVALID) from None
    document = {"file": str(file), "is_valid": True, **_totals(reading), **found.shown()}
    if reversal is not None and effective is not None:
        document["reversal"] = _write_reversal(file, reversal, day(effective))
    answer(document, _lines(document), as_json=as_json)


class _Found:
    """Findings in the entries of a valid file: answers by their codes, and notices about headers."""

    def __init__(self) -> None:
        self.classes: Counter[str] = Counter()
        self.answers: list[dict[str, object]] = []
        self.notices: dict[str, None] = {}

    def take(self, part: Part) -> None:
        """Take the entries of a part."""
        created = day_of(part.file_header.text("file_creation_date"))
        for notice in misused_descriptions(part.batch_header, created) if created else ():
            self.notices[f"line {part.batch_header.line}: {notice}"] = None
        kind = part.batch_header.text("standard_entry_class_code")
        for entry in part.entries():
            self.classes[kind] += 1
            if entry.addenda and len(self.answers) < _ANSWERS_MAX and (told := _answered(entry)) is not None:
                self.answers.append(told)

    def shown(self) -> dict[str, object]:
        """Return all of it."""
        return {"entries": dict(sorted(self.classes.items())), "answers": self.answers, "notices": [*self.notices]}


def _answered(entry: Entry) -> dict[str, object] | None:
    """Return what a return or a notification of change says, or None for a forward entry."""
    addenda = entry.returned or entry.changed
    if addenda is None:
        return None
    if addenda.has("return_code"):
        reason = RETURN_CODES[addenda.text("return_code")]
        told: dict[str, object] = {"code": reason.code, "title": reason.title, "stage": reason.stage.value}
    elif addenda.has("refused_change_code"):
        refusal = REFUSED_CHANGE_CODES[addenda.text("refused_change_code")]
        told = {"code": refusal.code, "title": refusal.title, "stage": "refused notification of change"}
    else:
        change = CHANGE_CODES[addenda.text("change_code")]
        told = {"code": change.code, "title": change.title, "stage": "notification of change", **_corrected(addenda)}
    return {"line": entry.detail.line, **told, "original_trace_number": addenda.text("original_entry_trace_number")}


def _corrected(changed: Record) -> dict[str, object]:
    try:
        known = corrected_data(changed)._asdict()
    except InvalidInput as unreadable:
        return {"corrections": str(unreadable)}
    return {"corrections": {name: value for name, value in known.items() if value is not None}}


def _totals(reading: Reading) -> dict[str, object]:
    return {"batches": reading.totals.batches, **reading.totals.sums._asdict()}


def _write_reversal(file: Path, target: Path, effective_on: date) -> str:
    """Write the file that undoes a valid one, batch by batch."""
    with file.open("rb") as stream, target.open("xb") as written:
        parts = groupby(Reading(stream), key=lambda part: part.batch_header)
        writer: FileWriter | None = None
        for header, of_batch in parts:
            whole = [*of_batch]
            writer = writer or FileWriter(written, whole[0].file_header)
            entries = (entry for part in whole for entry in part.entries())
            number = header.number("batch_number")
            writer.write_batch(reversing_header(header, effective_on, number), reversing_entries(header, entries))
        if writer is not None:
            writer.close()
    return str(target)


def _fault_lines(file: Path, faults: tuple[Fault, ...]) -> str:
    return "\n".join([f"{file} is not a valid ACH file: {len(faults)} faults", *map(str, faults)])


def _lines(document: dict[str, object]) -> str:
    return "\n".join(_line(name, value) for name, value in document.items())


def _line(name: str, value: object) -> str:
    shown: Iterable[str] = [str(value)]
    if isinstance(value, dict):
        shown = (f"{key} {number}" for key, number in value.items())
    elif isinstance(value, list):
        shown = (
            "\n" + " ".join(f"{part}" for part in each.values()) if isinstance(each, dict) else each for each in value
        )
    return f"{name.removesuffix('_minor').replace('_', ' '):<20} {'; '.join(shown) or 'none'}"
