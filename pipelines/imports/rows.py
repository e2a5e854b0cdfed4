"""Rows: what a mapping makes of a chunk, and which of its rows say nothing that can be posted."""

import re
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, date, datetime
from functools import partial
from typing import Final, NamedTuple

from ledger.kernel.currencies import exponent
from ledger.kernel.errors import InvalidAmount, UnknownCurrency
from ledger.kernel.money import Money
from ledger.partners.partners import PartnerOrder
from ledger.records.accounts import AccountKind
from ledger.records.partners import Vertical
from pipelines.imports.chunks import Chunk, RejectedRow
from pipelines.imports.mapping import HistoryMapping, HolderRule, PartnerRule, TransferRule
from pipelines.imports.rules import Rule
from pipelines.imports.sources import Fault, Source, Text, per_row, texts

_WHOLE: Final = re.compile(r"[+-]?[0-9]+")
_CHARACTERS_MAX: Final = 200
_YEAR_MIN: Final = 1900
_TIME_OF_DAY: Final = re.compile(r"%-?[HIMSfpXcsTRr]")
_AMOUNT_CHARACTERS_MAX: Final = 60


_Read = Callable[[Source], Sequence[Text]]
"""A source's texts in the chunk at hand."""


class Holder(NamedTuple):
    """One side of a transfer as the file names it: an account, in one currency, and whose it is."""

    external_ref: str
    currency: str
    partner: PartnerOrder
    customer: str | None
    person: str | None
    kind: AccountKind


class HistoryRow(NamedTuple):
    """A row that can be posted. `holder` is the account that the file is about; `credited` says that it receives.

    `effective_at` is an instant in UTC; a date where the file gives no time of day: then it is the accounting date.
    """

    line: int
    external_id: str
    effective_at: datetime | date
    amount_minor: int
    credited: bool
    code: str
    holder: Holder
    counterparty: Holder


def read_rows(mapping: HistoryMapping, chunk: Chunk) -> tuple[list[HistoryRow], list[RejectedRow]]:
    """The rows that can be posted, in the order of the file, and the others, each with its first fault."""
    size = len(chunk.lines)
    columns = dict(chunk.columns)
    for name, source in mapping.values.items():
        columns[name] = texts(source, columns, size)
    read: _Read = partial(texts, columns=columns, size=size)
    rule = mapping.transfer
    ids = per_row(partial(_reference, "external id"), read(rule.external_id))
    currencies = per_row(_currency, read(rule.currency))
    amounts, credited = _amounts_and_sides(rule, read, currencies)
    read_columns = zip(
        chunk.lines,
        ids,
        per_row(partial(_instant, rule), read(rule.time)),
        amounts,
        credited,
        per_row(partial(_reference, "code"), read(rule.code)),
        _holders(mapping, mapping.account, read, currencies),
        _holders(mapping, mapping.counterparty, read, currencies),
        strict=True,
    )
    return _sorted_out(read_columns)


def _sorted_out(values_of_rows: Iterable[tuple[object, ...]]) -> tuple[list[HistoryRow], list[RejectedRow]]:
    rows: list[HistoryRow] = []
    rejected: list[RejectedRow] = []
    for values in values_of_rows:
        if Fault not in map(type, values):
            rows.append(HistoryRow._make(values))
            continue
        fault = next(value for value in values if isinstance(value, Fault))
        line, external_id = values[:2]
        assert isinstance(line, int)
        rejected.append(RejectedRow(line, external_id if isinstance(external_id, str) else "", fault))
    return rows, rejected


def _amounts_and_sides(
    rule: TransferRule, read: _Read, currencies: Sequence[Text]
) -> tuple[Sequence[int | Fault], Sequence[bool | Fault]]:
    amounts = per_row(partial(_amount, rule.decimals), read(rule.amount), currencies)
    if rule.sign is not None:
        return amounts, per_row(lambda side: side == "credit", read(rule.sign))
    credited = per_row(lambda amount: (amount >= 0) == (rule.positive == "credit"), amounts)
    return per_row(abs, amounts), credited


def _holders(
    mapping: HistoryMapping, rule: HolderRule, read: _Read, currencies: Sequence[Text]
) -> Sequence[Holder | Fault]:
    size = len(currencies)
    return per_row(
        partial(Holder, kind=rule.kind),
        per_row(partial(_reference, "account", prefix=f"{mapping.namespace}:"), read(rule.ref)),
        currencies,
        _partners(rule.partner, read),
        per_row(partial(_reference, "customer"), read(rule.customer)) if rule.customer else [None] * size,
        per_row(partial(_reference, "person"), read(rule.person)) if rule.person else [None] * size,
    )


def _partners(rule: PartnerRule, read: _Read) -> Sequence[PartnerOrder | Fault]:
    refs = read(rule.ref)
    names = read(rule.name) if rule.name else per_row(lambda ref: ref.replace("-", " ").title(), refs)
    return per_row(_partner, refs, names, read(rule.vertical))


def _partner(ref: str, name: str, vertical: str) -> PartnerOrder | Fault:
    for what, text in (("partner", ref), ("partner's name", name)):
        if isinstance(checked := _reference(what, text), Fault):
            return checked
    if vertical not in set(Vertical):
        return Fault(Rule.UNKNOWN_VERTICAL, f"verticals are {', '.join(Vertical)}", vertical)
    return PartnerOrder(ref, name, Vertical(vertical))


def _reference(what: str, text: str, *, prefix: str = "") -> Text:
    if not text.strip():
        return Fault(Rule.EMPTY, f"the {what} is empty")
    if "\0" in text or len(prefix) + len(text) > _CHARACTERS_MAX:
        return Fault(Rule.UNUSABLE_TEXT, f"the {what} has a NUL character or more than {_CHARACTERS_MAX} characters")
    return prefix + text


def _currency(text: str) -> Text:
    try:
        exponent(text)
    except UnknownCurrency:
        return Fault(Rule.UNKNOWN_CURRENCY, "a currency is an ISO 4217 code", text)
    return text


def _instant(rule: TransferRule, text: str) -> datetime | date | Fault:
    try:
        read = _read_time(rule.time_format, text)
        if read.year < _YEAR_MIN:
            return Fault(Rule.UNREADABLE_TIME, f"the time lies before {_YEAR_MIN}", text)
        if _is_date(rule.time_format, text):
            return read.date()
        return (read if read.tzinfo else read.replace(tzinfo=rule.zone)).astimezone(UTC)
    except (ValueError, OverflowError):
        return Fault(Rule.UNREADABLE_TIME, f"a time is written as {rule.time_format or 'ISO 8601'}", text)


def _is_date(time_format: str | None, text: str) -> bool:
    """Whether a time that could be read has no time of day."""
    if time_format is None:
        return len(text) <= len("2024-01-01")
    return _TIME_OF_DAY.search(time_format.replace("%%", "")) is None


def _read_time(time_format: str | None, text: str) -> datetime:
    if time_format is None:
        return datetime.fromisoformat(text)
    read = datetime.strptime(text, time_format)  # noqa: DTZ007  # the caller puts the zone of the mapping on it
    # `strptime` takes 1993011 for the first of January; only a time that writes back the same was read right.
    if "%z" not in time_format and read.strftime(time_format) != text:
        raise ValueError(text)
    return read


def _amount(decimals: int | None, text: str, currency: str) -> int | Fault:
    text = text.strip()
    if len(text) > _AMOUNT_CHARACTERS_MAX:
        return Fault(Rule.UNREADABLE_AMOUNT, f"an amount has at most {_AMOUNT_CHARACTERS_MAX} characters")
    if decimals is None:
        if _WHOLE.fullmatch(text) is None:
            return Fault(Rule.UNREADABLE_AMOUNT, "an amount is a whole number of minor units", text)
        return int(text)
    if len(text.partition(".")[2].rstrip("0")) > decimals:
        return Fault(Rule.UNREADABLE_AMOUNT, f"the mapping allows {decimals} decimals", text)
    try:
        return Money.parse(text, currency).minor
    except InvalidAmount as fault:
        return Fault(Rule.UNREADABLE_AMOUNT, "an amount is a decimal number that its currency can have", str(fault))
