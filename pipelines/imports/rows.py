"""Rows: applies a mapping to a chunk, and separates rows that can be posted from faulty ones."""

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from functools import partial
from itertools import compress
from typing import Final, NamedTuple

from ledger.book.records.accounts import AccountKind
from ledger.kernel.currencies import exponent
from ledger.kernel.errors import UnknownCurrency
from ledger.tenancy.partners import PartnerOrder
from ledger.tenancy.records import Vertical
from pipelines.imports.amounts import AmountRule, plain_form, without_idle_zeros
from pipelines.imports.balances import BalanceRule
from pipelines.imports.chunks import Chunk, RejectedRow
from pipelines.imports.mapping import HistoryMapping, HolderRule, PartnerRule, SkipRule, TransferRule
from pipelines.imports.occurrences import OCCURRENCE, Occurrences
from pipelines.imports.rules import Rule
from pipelines.imports.sources import Columns, Fault, Source, Text, per_row, texts

_CHARACTERS_MAX: Final = 200
_DIGEST_CHARACTERS: Final = 32
_YEAR_MIN: Final = 1900


_Read = Callable[[Source], Sequence[Text]]
"""Returns a source's texts in the current chunk."""


class Holder(NamedTuple):
    """One side of a transfer as named by the file: an account in one currency, with its owner."""

    external_ref: str
    currency: str
    partner: PartnerOrder
    customer: str | None
    person: str | None
    kind: AccountKind


class HistoryRow(NamedTuple):
    """A row that can be posted. `holder` is the account that the file is about; `credited` is true if it receives.

    `effective_at` is an instant in UTC, or an accounting date if the file gives no time of day. `balance_minor` is the
    balance that the file declares after the row, if any.
    """

    line: int
    external_id: str
    effective_at: datetime | date
    amount_minor: int
    credited: bool
    code: str
    holder: Holder
    counterparty: Holder
    balance_minor: int | None = None

    @property
    def moved_minor(self) -> int:
        """The signed amount for the holder, negative if it gives."""
        return self.amount_minor if self.credited else -self.amount_minor


class ReadRows(NamedTuple):
    """The rows of a chunk: those that can be posted, those with a fault, and the number of skipped ones.

    `occurrences` are the numbers of rows with equal ids, by line, if the mapping counts them.
    """

    rows: list[HistoryRow]
    rejected: list[RejectedRow]
    skipped: int
    occurrences: Mapping[int, str]


def read_rows(mapping: HistoryMapping, chunk: Chunk, occurrences: Occurrences) -> ReadRows:
    """Return the rows that can be posted, in the order of the file, and the others, each with its first fault.

    `occurrences` are the counts of the file so far.
    """
    lines, columns = _kept(mapping, chunk)
    size = len(lines)
    read: _Read = partial(texts, columns=columns, size=size)
    rule = mapping.transfer
    currencies = _currencies(rule, read)
    holders = _holders(mapping, mapping.account, read, currencies)
    numbers = _occurrences(mapping, chunk, columns, holders, counts=occurrences)
    amounts, credited = _amounts_and_sides(rule, read, currencies, chunk.numbers)
    read_columns = zip(
        lines,
        per_row(_digested if rule.digests_id else partial(_reference, "external id"), read(rule.external_id)),
        per_row(partial(_instant, rule), read(rule.time)),
        amounts,
        credited,
        per_row(partial(_reference, "code"), read(rule.code)),
        holders,
        _holders(mapping, mapping.counterparty, read, currencies),
        _balances(mapping.balance, read, currencies, chunk.numbers) or [None] * size,
        strict=True,
    )
    rows, rejected = _sorted_out(read_columns)
    numbered = (
        {line: text for line, text in zip(lines, numbers, strict=True) if isinstance(text, str)} if numbers else {}
    )
    return ReadRows(rows, rejected, len(chunk.lines) - size + chunk.skipped, numbered)


def _kept(mapping: HistoryMapping, chunk: Chunk) -> tuple[Sequence[int], dict[str, Sequence[Text]]]:
    """Return the lines and columns, with the named values, without the rows that the mapping skips."""
    size = len(chunk.lines)
    columns = dict(chunk.columns)
    for name, source in mapping.values.items():
        columns[name] = texts(source, columns, size)
    if not mapping.skips:
        return chunk.lines, columns
    stays = [not any(skip) for skip in zip(*(_skipped(rule, columns, size) for rule in mapping.skips), strict=True)]
    return list(compress(chunk.lines, stays)), {name: list(compress(column, stays)) for name, column in columns.items()}


def _skipped(rule: SkipRule, columns: Columns, size: int) -> Iterator[bool]:
    return (
        isinstance(text, str) and (text in rule.equals or text.startswith(rule.begins))
        for text in texts(rule.source, columns, size)
    )


def _occurrences(
    mapping: HistoryMapping,
    chunk: Chunk,
    columns: dict[str, Sequence[Text]],
    holders: Sequence[Holder | Fault],
    *,
    counts: Occurrences,
) -> Sequence[Text]:
    """Count rows with equal ids, and add their numbers to the columns; returns none unless the mapping counts them."""
    if not mapping.counts_equal_rows:
        return ()
    size = len(holders)
    if chunk.occurrences is None:
        alike = texts(mapping.transfer.external_id, {**columns, OCCURRENCE: [""] * size}, size)
        accounts = [each if isinstance(each, Fault) else each.external_ref for each in holders]
        columns[OCCURRENCE] = counts.numbered(alike, accounts)
    else:
        columns[OCCURRENCE] = chunk.occurrences
    return columns[OCCURRENCE]


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


def _currencies(rule: TransferRule, read: _Read) -> Sequence[Text]:
    if rule.currency is not None:
        return per_row(_currency, read(rule.currency))
    assert rule.amount.source is not None, "a mapping that takes the currency from the amount has one column of amounts"
    return per_row(rule.amount.form.currency_of, read(rule.amount.source))


def _amounts_and_sides(
    rule: TransferRule, read: _Read, currencies: Sequence[Text], numbers: frozenset[str]
) -> tuple[Sequence[int | Fault], Sequence[bool | Fault]]:
    amounts = _amounts(rule.amount, read, currencies, numbers)
    if rule.sign is not None:
        return amounts, per_row(lambda side: side == "credit", read(rule.sign))
    credited = per_row(lambda amount: (amount >= 0) == (rule.positive == "credit"), amounts)
    return per_row(abs, amounts), credited


def _amounts(
    rule: AmountRule, read: _Read, currencies: Sequence[Text], numbers: frozenset[str]
) -> Sequence[int | Fault]:
    form, columns = rule.form, [read(source) for source in rule.sources]
    if all(_is_number(source, numbers) for source in rule.sources):
        form, columns = plain_form(form), [per_row(without_idle_zeros, column) for column in columns]
    if rule.source is not None:
        return per_row(form.read, columns[0], currencies)
    return per_row(replace(rule, form=form).of_two, *columns, currencies)


def _balances(
    rule: BalanceRule | None, read: _Read, currencies: Sequence[Text], numbers: frozenset[str]
) -> Sequence[int | Fault | None]:
    """Return the declared balances; none if the mapping has no rule for them."""
    if rule is None or rule.source is None:
        return ()
    column = read(rule.source)
    if _is_number(rule.source, numbers):
        rule, column = replace(rule, form=plain_form(rule.form)), per_row(without_idle_zeros, column)
    return per_row(rule.read, column, currencies)


def _is_number(source: Source, numbers: frozenset[str]) -> bool:
    """Return whether the file holds the column as numbers, which have no declared format."""
    return source.is_column and source.fields[0] in numbers


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


def _digested(text: str) -> Text:
    """Return an id derived from a text of any length, which it does not reveal."""
    if not text.strip():
        return Fault(Rule.EMPTY, "the external id is empty")
    return hashlib.sha256(text.encode()).hexdigest()[:_DIGEST_CHARACTERS]


def _currency(text: str) -> Text:
    try:
        exponent(text)
    except UnknownCurrency:
        return Fault(Rule.UNKNOWN_CURRENCY, "a currency is an ISO 4217 code", text)
    return text


def _instant(rule: TransferRule, text: str) -> datetime | date | Fault:
    try:
        said = rule.read_date(text)
        if said.year < _YEAR_MIN:
            return Fault(Rule.UNREADABLE_TIME, f"the time lies before {_YEAR_MIN}", text)
        if not isinstance(said, datetime):
            return said
        return (said if said.tzinfo else said.replace(tzinfo=rule.zone)).astimezone(UTC)
    except (ValueError, OverflowError):
        return Fault(Rule.UNREADABLE_TIME, f"a time that exists is written as {rule.date_form}", text)
