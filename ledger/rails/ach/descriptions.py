"""Company entry descriptions that rules prescribe, from which day on, for which entries."""

from collections.abc import Iterator
from datetime import date
from typing import Final, NamedTuple

from ledger.rails.ach.entry_rules import REVERSAL
from ledger.rails.ach.records import Record


class Description(NamedTuple):
    """A text with which the description of some batches begins, and of no others, since a day."""

    text: str
    since: date
    classes: tuple[str, ...]
    says: str
    source: str


DESCRIPTIONS: Final = (
    Description(
        "PAYROLL",
        date(2026, 3, 20),
        ("PPD",),
        "credits that pay wages, salaries and the like",
        "Nacha, Risk Management Topics, Standard Company Entry Descriptions",
    ),
    Description(
        "PURCHASE",
        date(2026, 3, 20),
        ("WEB", "PPD", "TEL"),
        "debits that a consumer authorized to buy goods online",
        "Nacha, Risk Management Topics, Standard Company Entry Descriptions",
    ),
    Description(REVERSAL, date.min, (), "entries that undo others", "Nacha Operating Rules, Subsection 2.10.1"),
)
"""The descriptions, in the order of the guide; no classes means every class."""


def misused_descriptions(header: Record, on: date) -> Iterator[str]:
    """Say which description a batch has that is not for its class on a day; operators do not refuse it."""
    has, kind = header.text("company_entry_description").upper(), header.text("standard_entry_class_code")
    for each in DESCRIPTIONS:
        if has.startswith(each.text) and each.since <= on and each.classes and kind not in each.classes:
            yield f"{each.text} is for {each.says}, not for class {kind} ({each.source})"
