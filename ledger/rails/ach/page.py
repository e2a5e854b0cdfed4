"""Writes the guide's page of ACH from the declarations: layouts, classes, codes, windows and limits."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from ledger.rails.ach.addenda_layouts import ADDENDA_LAYOUTS
from ledger.rails.ach.change_codes import CHANGE_CODES, REFUSAL_WINDOW_DAYS, REFUSED_CHANGE_CODES
from ledger.rails.ach.controls import ADV_BATCH_CONTROL, ADV_FILE_CONTROL, BATCH_CONTROL, FILE_CONTROL
from ledger.rails.ach.deadlines import CHANGE_APPLIED_DAYS, CHANGE_NOTICE_DAYS
from ledger.rails.ach.descriptions import DESCRIPTIONS
from ledger.rails.ach.entry_classes import ENTRY_CLASSES, EntryClass
from ledger.rails.ach.entry_layouts import ENTRY_LAYOUTS
from ledger.rails.ach.headers import BATCH_HEADER, FILE_HEADER, IAT_BATCH_HEADER
from ledger.rails.ach.records import Layout
from ledger.rails.ach.return_codes import RETURN_CODES
from ledger.rails.ach.reversals import REVERSAL_DAYS
from ledger.rails.ach.same_day import SAME_DAY_LIMITS, SAME_DAY_WINDOWS
from ledger.rails.ach.transaction_codes import TRANSACTION_CODES

_OPENING: Final = """
ACH files in the Nacha format are read and written by `ledger.rails.ach`. This page is written by `make generated` from
the same declarations that read, check and write them.

    cofferdam ach payments.ach                  # check a file: totals, returns, changes, every fault
    cofferdam ach payments.ach --json           # the same, for a program
    cofferdam ach payments.ach --reversal undo.ach --effective 2026-12-01
    cofferdam return-code R07 --settled-on 2026-11-25

A fault names the line, the record, the field, what was found and what would be right. A file with one is refused as a
whole. Faults are found up to a limit, and a control is not held to sums that a record at fault leaves unknown.

A reading yields the entries of a file in parts, in flat memory. **They are provisional until the reading ends**: only
the last record says whether the file is whole. Take them up in one unit of work, which the error at the end undoes.

What is read more generously than it is written: records parted by line breaks of either kind or by nothing; lines whose
blanks at the end were cut or multiplied; missing padding; zeros in the filler of a file control. Anything else that
breaks a rule is refused, also where others let it pass: characters beyond ASCII, trace numbers of another bank, service
classes that contradict the entries.
""".strip()


def ach_page() -> str:
    """Return the page, in Markdown."""
    parts = (
        ["# ACH files", "", _OPENING, "", "## Classes of entries", ""],
        _table(("code", "what it is", "moves", "addenda", "limit"), map(_class, ENTRY_CLASSES.values())),
        ["", "## Transaction codes", ""],
        _table(("code", "account", "direction", "use"), map(_code, TRANSACTION_CODES)),
        _returns(),
        _changes(),
        _dates(),
        _layouts(),
    )
    return "\n".join(line for part in parts for line in part) + "\n"


def _class(each: EntryClass) -> Sequence[object]:
    moves = " and ".join(["credits"] * each.credits + ["debits"] * each.debits)
    count = (
        f"{each.addenda_min}" if each.addenda_min == each.addenda_max else f"{each.addenda_min} to {each.addenda_max:,}"
    )
    addenda = "10 to 18" if each.code == "IAT" else f"{each.addenda}: {count}" if each.addenda else "none"
    limit = "zero" if each.without_money else _dollars(each.amount_max_minor)
    return each.code, each.title, moves, addenda, limit


def _code(code: int) -> Sequence[object]:
    each = TRANSACTION_CODES[code]
    return code, each.account, "credit" if each.is_credit else "debit", each.use.value


def _returns() -> Iterator[str]:
    yield from ("", "## Return reason codes", "")
    yield "Days count from the settlement date of what is answered; banking days are those of the Federal Reserve."
    yield ""
    rows = (
        (
            each.code,
            each.title,
            each.stage.value,
            each.window.value[0],
            ", ".join(each.classes) or "all",
            each.window.value[1],
        )
        for each in RETURN_CODES.values()
    )
    yield from _table(("code", "reason", "step", "within", "classes", "source"), rows)


def _changes() -> Iterator[str]:
    yield from ("", "## Change codes", "")
    yield f"A notification of change is sent within {CHANGE_NOTICE_DAYS} banking days of settlement. The originator"
    yield f"applies it within {CHANGE_APPLIED_DAYS} banking days or before its next entry, whichever is later, or"
    yield f"its bank refuses it within {REFUSAL_WINDOW_DAYS} days."
    yield ""
    codes = (*CHANGE_CODES.values(), *REFUSED_CHANGE_CODES.values())
    yield from _table(("code", "what was wrong"), ((each.code, each.title) for each in codes))


def _dates() -> Iterator[str]:
    yield from ("", "## Same Day, reversals and descriptions", "", "Times are those of New York.", "")
    windows = (
        (each.deadline.isoformat("minutes"), each.settles_at.isoformat("minutes"), each.since, each.source)
        for each in SAME_DAY_WINDOWS
    )
    yield from _table(("received by", "settles at", "since", "source"), windows)
    yield ""
    limits = ((_dollars(each.amount_max_minor), each.since, each.source) for each in SAME_DAY_LIMITS)
    yield from _table(("limit of an entry", "since", "source"), limits)
    yield from ("", f"A reversal reaches the receiver's bank within {REVERSAL_DAYS} banking days of settlement.", "")
    known = ((each.text, each.says, ", ".join(each.classes) or "all", each.source) for each in DESCRIPTIONS)
    yield from _table(("description begins with", "for", "classes", "source"), known)


def _layouts() -> Iterator[str]:
    yield from ("", "## Records", "", "Positions count from 1; every record has 94 characters.")
    headers = (FILE_HEADER, BATCH_HEADER, IAT_BATCH_HEADER)
    controls = (BATCH_CONTROL, ADV_BATCH_CONTROL, FILE_CONTROL, ADV_FILE_CONTROL)
    for layout in (*headers, *ENTRY_LAYOUTS.values(), *ADDENDA_LAYOUTS.values(), *controls):
        yield from ("", f"### {layout.name[0].upper()}{layout.name[1:]}", "")
        yield from _table(("positions", "field", "what it has"), _fields(layout))


def _fields(layout: Layout) -> Iterator[Sequence[object]]:
    for place in layout.places:
        columns = place.columns
        span = str(columns.stop) if columns.start + 1 == columns.stop else f"{columns.start + 1}-{columns.stop}"
        yield span, place.field.title, place.field.says


def _table(heads: Sequence[str], rows: Iterable[Sequence[object]]) -> Iterator[str]:
    yield f"| {' | '.join(heads)} |"
    yield f"|{'---|' * len(heads)}"
    for row in rows:
        yield f"| {' | '.join(map(str, row))} |"


def _dollars(amount_minor: int | None) -> str:
    return "none" if amount_minor is None else f"${amount_minor // 100:,}"
