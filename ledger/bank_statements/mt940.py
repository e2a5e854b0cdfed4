"""Reads MT940 and MT942, SWIFT's customer statement and interim report, also as fragments and as banks bend them.

Source: SWIFT Standards, category 9, MT 940 "Customer Statement Message" and MT 942 "Interim Transaction Report". What a
bank leaves out or contradicts becomes a discrepancy of the statement; what cannot be read as money is refused.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import BinaryIO, Final

from ledger.bank_statements.lines import (
    BalanceKind,
    Discrepancy,
    StatementBalance,
    StatementEnd,
    StatementLine,
    StatementPart,
    StatementStart,
)
from ledger.bank_statements.mt940_fields import (
    BALANCES,
    EntryTotals,
    entry_totals,
    floor_currency,
    read_balance,
    read_line,
)
from ledger.bank_statements.tags import TaggedField, tagged_fields
from ledger.kernel.errors import InvalidFormat

_TEXTS: Final = ("86", "NS")


def mt940_parts(source: BinaryIO) -> Iterator[StatementPart]:
    """Yield the parts of every statement of a file; field 20 begins a statement. Raises `InvalidFormat`."""
    statement: _Statement | None = None
    for each in tagged_fields(source):
        if statement is None or (each.tag == "20" and statement.has_begun):
            if statement is not None:
                yield from statement.end()
            statement = _Statement(each.place)
        yield from statement.take(each)
    if statement is None:
        raise InvalidFormat("line 1", "field 20", "no field", "an MT940 has lines such as :20:STARTUMS")
    yield from statement.end()


@dataclass(slots=True)
class _Statement:
    """One statement while it is read; a line is given out when the field behind it shows that it is complete."""

    place: str
    tags: set[str] = field(default_factory=set)
    account: str = ""
    number: str = ""
    currency: str | None = None
    opening: StatementBalance | None = None
    balances: list[StatementBalance] = field(default_factory=list)
    discrepancies: list[Discrepancy] = field(default_factory=list)
    waiting: StatementLine | None = None
    totals: dict[str, tuple[str, EntryTotals]] = field(default_factory=dict)
    counted: dict[str, EntryTotals] = field(default_factory=lambda: {"C": EntryTotals(0, 0), "D": EntryTotals(0, 0)})
    is_started: bool = False

    @property
    def has_begun(self) -> bool:
        """True if a field was taken."""
        return bool(self.tags)

    def take(self, found: TaggedField) -> Iterator[StatementPart]:
        """Take the next field, and yield what is complete by it."""
        self.tags.add(found.tag[:2])
        if found.tag in _TEXTS:
            if self.waiting is not None:
                text = "\n".join(filter(None, (self.waiting.text, found.text.strip("\n"))))
                self.waiting = replace(self.waiting, text=text)
            return
        yield from self._complete()
        if found.tag in ("25", "25P"):
            self.account = found.text.split("\n")[0].strip()
        elif found.tag in ("28", "28C"):
            self.number = found.text.strip()
        elif found.tag in ("34", "34F"):
            self.currency = self.currency or floor_currency(found)
        elif found.tag in BALANCES:
            self._balance(found)
        elif found.tag in ("90C", "90D"):
            self.totals[found.tag[2]] = (found.place, entry_totals(found, self.currency))
        elif found.tag == "61":
            yield from self._started()
            self._line(found)

    def end(self) -> Iterator[StatementPart]:
        """Yield what is left, and the end of the statement with all that was found to be wrong."""
        yield from self._complete()
        yield from self._started()
        yield StatementEnd(tuple(self.balances), (*self.discrepancies, *self._missing(), *self._contradictions()))

    def _balance(self, found: TaggedField) -> None:
        balance, currency, is_real = read_balance(found, self.currency)
        if self.currency is not None and currency != self.currency:
            raise found.wrong(f"the statement is in {self.currency}")
        self.currency = currency
        if not is_real:
            self._no_such_day(found)
        if balance.kind is BalanceKind.OPENING_BOOKED and not self.is_started:
            self.opening = balance
        else:
            self.balances.append(balance)

    def _line(self, found: TaggedField) -> None:
        self.waiting, is_real = read_line(found, self.currency)
        if not is_real:
            self._no_such_day(found)
        side = "D" if self.waiting.amount_minor < 0 else "C"
        count, total = self.counted[side]
        self.counted[side] = EntryTotals(count + 1, total + abs(self.waiting.amount_minor))

    def _started(self) -> Iterator[StatementPart]:
        if not self.is_started:
            self.is_started = True
            opening = () if self.opening is None else (self.opening,)
            since = None if self.opening is None else self.opening.on
            yield StatementStart(self.place, self.number, self.account, self.currency, since, None, opening)

    def _complete(self) -> Iterator[StatementPart]:
        if self.waiting is not None:
            yield self.waiting
            self.waiting = None

    def _no_such_day(self, found: TaggedField) -> None:
        text = f"field {found.tag} names a day that its month does not have; the last day of the month is taken"
        self.discrepancies.append(Discrepancy(found.place, text))

    def _missing(self) -> Iterator[Discrepancy]:
        needed = ("20", "28", "34", "13") if "34" in self.tags else ("20", "28", "60", "62")
        absent = [tag for tag in needed if tag not in self.tags]
        if absent:
            fields = ", ".join(absent)
            yield Discrepancy(self.place, f"the statement has no field {fields}, which its message type requires")

    def _contradictions(self) -> Iterator[Discrepancy]:
        for side, (place, stated) in self.totals.items():
            if stated != self.counted[side]:
                text = f"field 90{side} states {stated.entries} entries of {stated.sum_minor} minor units together, "
                found = self.counted[side]
                yield Discrepancy(place, text + f"and the lines are {found.entries} of {found.sum_minor}")
