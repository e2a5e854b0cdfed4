"""Balances: compares the balances that a file declares with its rows as they were read."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Final, NamedTuple

from ledger.kernel.calendar import Calendar
from ledger.kernel.errors import InvalidInput
from ledger.kernel.money import Money
from pipelines.imports.amounts import AmountForm, declared_form
from pipelines.imports.chunks import OutsideLine
from pipelines.imports.declarations import Declaration
from pipelines.imports.sources import Fault, Source

_ORDERS: Final = ("oldest-first", "newest-first")


class Label(NamedTuple):
    """The label of a line outside of the rows that declares a balance: its first text, and the field with the amount.

    In the first field, the amount follows the label's text.
    """

    begins: str
    field: int


@dataclass(frozen=True, slots=True)
class BalanceRule:
    """The balances that a file declares: after each row (`source`), at its beginning, at its end.

    `newest_first` is the order of the rows; `sign` is -1 if a positive balance is owed by the account.
    """

    form: AmountForm
    source: Source | None
    opening: Label | None
    closing: Label | None
    newest_first: bool
    sign: int

    def read(self, text: str, currency: str) -> int | Fault | None:
        """Parse a declared balance into minor units; None if the text is empty."""
        if not text.strip():
            return None
        amount = self.form.read(text, currency)
        return amount if isinstance(amount, Fault) else amount * self.sign


class Moved(NamedTuple):
    """A row for the check: its account, its signed amount, and the balance declared after it, if any."""

    line: int
    account: str
    currency: str
    amount_minor: int
    balance_minor: int | None


class Declared(NamedTuple):
    """A balance that a file declares outside of its rows."""

    line: int
    text: str


def declared_balance(section: Declaration | None, amounts: AmountForm) -> BalanceRule | None:
    """Parse a mapping's balance rule, in the format of `amounts` except for its own keys. Raises `InvalidInput`."""
    if section is None:
        return None
    order = section.choice("order", _ORDERS, _ORDERS[0])
    side = section.choice("positive_is", ("credit", "debit"), "credit")
    form = declared_form(section, amounts)
    opening, closing = _label(section, "opening"), _label(section, "closing")
    source = section.source() if "column" in section.table or "template" in section.table else None
    if source is None and closing is None:
        raise section.wrong(
            "needs a column of balances, or the closing balance that a line outside of the rows declares"
        )
    section.done()
    return BalanceRule(form, source, opening, closing, order == _ORDERS[1], -1 if side == "debit" else 1)


def labelled(label: Label | None, lines: Iterable[OutsideLine], file: str) -> Declared | None:
    """Return the balance on the first line with this label. Raises `InvalidInput` if no line has it."""
    if label is None:
        return None
    for line, fields, _ in lines:
        if fields and fields[0].strip().startswith(label.begins):
            text = fields[label.field - 1].strip() if len(fields) >= label.field else ""
            text = text.removeprefix(label.begins).strip() if label.field == 1 else text
            if not text:
                raise InvalidInput(f"{file} line {line} begins with {label.begins!r} and has no field {label.field}")
            return Declared(line, text)
    raise InvalidInput(f"{file} has no line outside of its rows that begins with {label.begins!r}; mend [balance]")


@dataclass(slots=True)
class BalanceCheck:
    """Compares declared balances with rows in file order; each mismatch is one line in `parted`.

    A row that was not read interrupts the comparison, which resumes at the next declared balance.
    """

    rule: BalanceRule
    file: str
    opening: Declared | None = None
    closing: Declared | None = None
    held: int = 0
    gaps: int = 0
    first: Moved | None = None
    last: Moved | None = None
    parted: list[str] = field(default_factory=list)
    _at: dict[str, int] = field(default_factory=dict)
    _sums: dict[str, int] = field(default_factory=dict)
    _last_date: date = date.min
    _last_instant: datetime | None = None

    def add(self, rows: Sequence[Moved], unread: Sequence[int]) -> None:
        """Add the rows of a chunk, and the lines of those that were not read."""
        for line, row in _in_order(rows, unread):
            if row is None:
                self.gaps += 1
                self._at.clear()
                continue
            if self.first is None:
                self._begin(row)
            self.last = row
            self._sums[row.account] = self._sums.get(row.account, 0) + row.amount_minor
            self._step(line, row)

    def end(self) -> None:
        """End the rows, and compare the balance declared for their end."""
        if self.first is None or self.last is None:
            return
        if self.opening or self.closing:
            self._require_one_account()
        far = self.opening if self.rule.newest_first else self.closing
        if far is None:
            return
        account, wanted = self.first.account, self._read(far, self.first.currency)
        stands = self._at.get(account)
        if stands is not None:
            self._compare(far.line, self.last, wanted, stands)

    def counted_from(self, times: Iterable[datetime | date]) -> None:
        """Add the effective times of rows: instants, or accounting dates if the file gives no time of day."""
        for time in times:
            if isinstance(time, datetime):
                self._last_instant = time if self._last_instant is None else max(self._last_instant, time)
            else:
                self._last_date = max(self._last_date, time)

    def last_on(self, calendar: Calendar) -> date:
        """Return the last accounting date of the rows by the book's calendar: the day of a closing balance."""
        return max(self._last_date, date.min if self._last_instant is None else calendar.booked_on(self._last_instant))

    @property
    def is_open(self) -> bool:
        """True if no other declared balance confirms the closing balance, so that the book must be compared."""
        return self.closing is not None and self.opening is None and self.rule.source is None

    def closing_minor(self) -> int:
        """Return the declared closing balance; there are rows, and one account."""
        assert self.closing is not None
        assert self.first is not None
        self._require_one_account()
        return self._read(self.closing, self.first.currency)

    def parting(self, wanted: int, stands: int) -> str:
        """Return the message for a closing balance that differs from the book's."""
        assert self.closing is not None
        assert self.last is not None
        shown = [Money(minor * self.rule.sign, self.last.currency) for minor in (wanted, stands)]
        return (
            f"{self.file} line {self.closing.line} declares the closing balance {shown[0]}, and the book has "
            f"{shown[1]} on {self.last.account} by {self.last_on}"
        )

    def _begin(self, row: Moved) -> None:
        self.first = row
        near = self.closing if self.rule.newest_first else self.opening
        if near is not None:
            self._at[row.account] = self._read(near, row.currency)

    def _step(self, line: int, row: Moved) -> None:
        """Advance over a row: its balance is compared after it, or before it if the newest row is first."""
        before = self._at.get(row.account)
        if self.rule.newest_first:
            behind, stated = before, row.balance_minor
        else:
            behind, stated = (None if before is None else before + row.amount_minor), row.balance_minor
        if stated is not None and behind is not None:
            self._compare(line, row, stated, behind)
        stands = behind if stated is None else stated
        if stands is not None:
            self._at[row.account] = stands - row.amount_minor if self.rule.newest_first else stands

    def _compare(self, line: int, row: Moved, wanted: int, stands: int) -> None:
        self.held += 1
        if wanted != stands:
            shown = [Money(minor * self.rule.sign, row.currency) for minor in (wanted, stands)]
            self.parted.append(
                f"{self.file} line {line} declares the balance {shown[0]}, and the rows come to {shown[1]}"
            )

    def _read(self, declared: Declared, currency: str) -> int:
        found = self.rule.read(declared.text, currency)
        if isinstance(found, Fault):
            raise InvalidInput(
                f"{self.file} line {declared.line} declares a balance that cannot be read: {found.detail}"
            )
        assert found is not None, "a label without a text is refused before"
        return found

    def _require_one_account(self) -> None:
        if len(self._sums) > 1:
            raise InvalidInput(
                f"{self.file} declares one balance and has rows of {len(self._sums)} accounts; mend [balance]"
            )


def _label(section: Declaration, key: str) -> Label | None:
    found = section.section(key)
    if found is None:
        return None
    number = found.whole("field")
    label = Label(found.text("begins"), 2 if number is None else number)
    if label.field < 1:
        raise found.wrong("needs field = 2, or another number from 1 on")
    found.done()
    return label


def _in_order(rows: Sequence[Moved], unread: Sequence[int]) -> Iterator[tuple[int, Moved | None]]:
    """Yield rows and unread lines in the order of the file."""
    if not unread:
        return ((row.line, row) for row in rows)
    both: list[tuple[int, Moved | None]] = [(row.line, row) for row in rows]
    return iter(sorted([*both, *((line, None) for line in unread)], key=lambda each: each[0]))
