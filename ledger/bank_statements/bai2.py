"""Reads BAI2, the balance report of United States banks, with continuations, funds types and three control totals.

Source: BAI, "Cash Management Balance Reporting Specifications, Version 2". A type code that the specification does not
list is kept as the bank writes it. A control total or a count that does not hold is a discrepancy, never a silent pass.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import BinaryIO, Final

from ledger.bank_statements.bai2_records import LogicalRecord, logical_records
from ledger.bank_statements.line_kinds import BAI_KINDS, LineKind
from ledger.bank_statements.lines import (
    BalanceKind,
    Discrepancy,
    StatementBalance,
    StatementEnd,
    StatementLine,
    StatementPart,
    StatementStart,
)
from ledger.kernel.errors import InvalidFormat

_BALANCES: Final = {
    "010": BalanceKind.OPENING_BOOKED,
    "015": BalanceKind.CLOSING_BOOKED,
    "030": BalanceKind.INTERIM_BOOKED,
    "040": BalanceKind.OPENING_AVAILABLE,
    "045": BalanceKind.CLOSING_AVAILABLE,
    "060": BalanceKind.INTERIM_AVAILABLE,
}
"""Kinds by status type code; every other code up to 099 is a status of its own."""

_STATUS_MAX: Final = 99
_FOLLOWERS: Final = {
    "": ("01",),
    "01": ("02", "99"),
    "02": ("03", "98"),
    "03": ("16", "49"),
    "16": ("16", "49"),
    "49": ("03", "98"),
    "98": ("02", "99"),
    "99": (),
}
"""Records that may follow each record: a file has groups, a group has accounts, an account has details."""


def bai2_parts(source: BinaryIO) -> Iterator[StatementPart]:
    """Yield the parts of every account of a file as a statement. Raises `InvalidFormat` with line, record and field.

    The last statement of a group or file has what is wrong with its totals.
    """
    file, waiting = _File(), None
    for record in logical_records(source):
        for part in file.take(record):
            if isinstance(part, StatementEnd):
                waiting = part
                continue
            if waiting is not None:
                yield _joined(waiting, file.drained())
                waiting = None
            yield part
    if file.last != "99":
        raise InvalidFormat("the end of the file", "record 99", "nothing", "a file ends with its trailer, record 99")
    if waiting is None:
        raise InvalidFormat("the file", "record 03", "no account", "a balance report has one account or more")
    yield _joined(waiting, file.drained())


def _joined(end: StatementEnd, more: list[Discrepancy]) -> StatementEnd:
    return StatementEnd(end.balances, (*end.discrepancies, *more))


@dataclass(slots=True)
class _Total:
    """The control total, the number of parts and the number of physical records of a level so far."""

    sum_minor: int = 0
    parts: int = 0
    records: int = 0


@dataclass(slots=True)
class _File:
    """A file while it is read: the record before, the totals of its three levels, the group's date and currency."""

    last: str = ""
    file: _Total = field(default_factory=_Total)
    group: _Total = field(default_factory=_Total)
    account: _Total = field(default_factory=_Total)
    as_of: date | None = None
    currency: str = "USD"
    status: tuple[Discrepancy, ...] = ()
    own: list[Discrepancy] = field(default_factory=list)
    outer: list[Discrepancy] = field(default_factory=list)

    def take(self, record: LogicalRecord) -> Iterator[StatementPart]:
        """Take the next record, and yield the parts that it completes."""
        if record.code not in _FOLLOWERS[self.last]:
            allowed = " or ".join(_FOLLOWERS[self.last]) or "nothing"
            behind = f"behind record {self.last}" if self.last else "at the beginning"
            raise InvalidFormat(record.place, "record code", record.code, f"{behind} stands {allowed}")
        self.last = record.code
        for level in (self.account, self.group, self.file):
            level.records += record.lines
        if record.code == "01":
            self._file_header(record)
        elif record.code == "02":
            self._group_header(record)
        elif record.code == "03":
            yield self._account_header(record)
        elif record.code == "16":
            yield self._detail(record)
        elif record.code == "49":
            self._held(record, self.account, "account", None)
            self.group.sum_minor += self.account.sum_minor
            yield StatementEnd((), tuple(self.own))
        elif record.code == "98":
            self._held(record, self.group, "group", "accounts")
            self.file.sum_minor += self.group.sum_minor
        else:
            self._held(record, self.file, "file", "groups")

    def drained(self) -> list[Discrepancy]:
        """Return what was found on the levels above the account since the last time."""
        found, self.outer = self.outer, []
        return found

    def _file_header(self, record: LogicalRecord) -> None:
        for name in ("sender", "receiver"):
            record.needed(name)
        _day(record, "file creation date", record.next())
        record.next()  # the time, which some banks leave out
        record.needed("file identification number")
        for _ in range(2):  # the lengths of physical records and blocks, which line breaks have replaced
            record.next()
        if (version := record.next()) != "2":
            raise record.wrong("version number", version, "version 2 is read")

    def _group_header(self, record: LogicalRecord) -> None:
        self.group = _Total(records=record.lines)
        self.file.parts += 1
        record.next()  # the ultimate receiver
        record.needed("originator")
        if (status := record.next()) not in ("1", "2", "3", "4"):
            raise record.wrong("group status", status, "it is 1 (update), 2 (deletion), 3 (correction) or 4 (test)")
        self.as_of = _day(record, "as-of date", record.next())
        record.next()  # the time
        self.currency = record.next() or "USD"
        word = {"2": "a deletion", "3": "a correction", "4": "a test"}.get(status)
        self.status = (Discrepancy(record.place, f"the group is {word}, not an update"),) if word else ()

    def _account_header(self, record: LogicalRecord) -> StatementStart:
        self.account, self.own = _Total(records=record.lines), list(self.status)
        self.group.parts += 1
        account = record.needed("account number")
        currency = record.next() or self.currency
        if len(currency) != 3 or not currency.isascii() or not currency.isupper():  # noqa: PLR2004  # ISO 4217
            raise record.wrong("currency code", currency, "it is three letters, such as USD")
        balances = list[StatementBalance]()
        while not record.is_empty:
            code = record.next()
            amount = record.signed("amount")
            record.next()  # the number of items
            self._funds(record)
            if code and amount is not None:
                self.account.sum_minor += amount
                if code.isdecimal() and int(code) <= _STATUS_MAX:
                    kind = _BALANCES.get(code, BalanceKind.OTHER)
                    balances.append(StatementBalance(kind, amount, self.as_of, code))
        return StatementStart(record.place, "", account, currency, self.as_of, self.as_of, tuple(balances))

    def _detail(self, record: LogicalRecord) -> StatementLine:
        code = record.needed("type code")
        amount = record.signed("amount")
        value_on = self._funds(record)
        bank, customer = record.next(), record.next()
        side = _side(code)
        if side is None:
            text = f"the type code {code!r} is none of the specification: its line counts on neither side"
            self.own.append(Discrepancy(record.place, text))
        self.account.sum_minor += amount or 0
        return StatementLine(
            place=record.place,
            amount_minor=(side or 0) * (amount or 0),
            booked_on=self.as_of,
            value_on=value_on or self.as_of,
            bank_code=code,
            kind=BAI_KINDS.get(code, LineKind.OTHER),
            bank_reference=bank,
            references=tuple(filter(None, (customer,))),
            text=record.rest(),
            is_booked=bool(side),
        )

    def _funds(self, record: LogicalRecord) -> date | None:
        """Read the funds type and what belongs to it; return the value date of type V."""
        kind = record.next()
        if kind == "S":
            for part in ("immediate", "one-day", "two-day"):
                record.signed(f"{part} availability")
        elif kind == "D":
            for _ in range(record.whole("number of distributions")):
                record.whole("days of availability")
                record.signed("available amount")
        elif kind == "V":
            day = _day(record, "value date", record.next())
            record.next()  # the time
            return day
        elif kind not in ("", "0", "1", "2", "Z"):
            raise record.wrong("funds type", kind, "it is 0, 1, 2, D, S, V or Z")
        return None

    def _held(self, record: LogicalRecord, total: _Total, level: str, parts: str | None) -> None:
        """Hold a trailer against what was read."""
        found = self.own if level == "account" else self.outer
        if (stated := record.signed("control total")) != total.sum_minor:
            text = f"the control total of the {level} is {stated}, and its amounts sum to {total.sum_minor}"
            found.append(Discrepancy(record.place, text))
        if parts is not None and (count := record.whole(f"number of {parts}")) != total.parts:
            found.append(Discrepancy(record.place, f"the {level} states {count} {parts}, and has {total.parts}"))
        if (records := record.whole("number of records")) != total.records:
            text = f"the {level} states {records} records, and has {total.records}"
            found.append(Discrepancy(record.place, text))


def _side(code: str) -> int | None:
    """Return 1 for a credit's type code, -1 for a debit's, 0 for what moves no money (890, loans), None if unknown."""
    number = int(code) if code.isascii() and code.isdecimal() and len(code) == 3 else 0  # noqa: PLR2004  # digits
    if 100 <= number <= 399 or 920 <= number <= 959:  # noqa: PLR2004  # ranges of the specification
        return 1
    if 400 <= number <= 699 or 960 <= number <= 999:  # noqa: PLR2004  # the same
        return -1
    return 0 if 700 <= number <= 919 else None  # noqa: PLR2004  # the same


def _day(record: LogicalRecord, name: str, text: str) -> date | None:
    if not text:
        return None
    try:
        return datetime.strptime(text, "%y%m%d").date()  # noqa: DTZ007  # a day has no zone
    except ValueError:
        raise record.wrong(name, text, "it is YYMMDD") from None
