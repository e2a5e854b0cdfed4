"""Mappings: what a file's columns mean to the ledger, declared in TOML and checked when it is loaded."""

import codecs
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, tzinfo
from pathlib import Path
from typing import Final

from ledger.book.operating_periods import Period
from ledger.kernel.calendar import DayRule, day_rule, time_zone
from ledger.kernel.currencies import exponent
from ledger.kernel.errors import InvalidInput
from ledger.records.accounts import AccountKind
from ledger.records.partners import Vertical
from pipelines.imports.declarations import Declaration
from pipelines.imports.sources import Source

SHIPPED: Final = Path(__file__).parent / "mappings"
"""The folder of the mappings that come with Cofferdam; each is known by the stem of its name."""

_SIDES: Final = ("credit", "debit")


@dataclass(frozen=True, slots=True)
class Dialect:
    """How a CSV file is written. Parquet files need none of it."""

    delimiter: str = ","
    quote: str = '"'
    encoding: str = "utf-8"


@dataclass(frozen=True, slots=True)
class PartnerRule:
    """Which partner; its name is the reference in words where the mapping gives none."""

    ref: Source
    vertical: Source
    name: Source | None


@dataclass(frozen=True, slots=True)
class HolderRule:
    """One side of every transfer: the account, whose it is, what it is for.

    `customer` None makes it an account of the partner itself; `person` is who stands behind the customer, the same at
    every partner of the book.
    """

    ref: Source
    kind: AccountKind
    partner: PartnerRule
    customer: Source | None
    person: Source | None


@dataclass(frozen=True, slots=True)
class TransferRule:
    """What the columns of a row say of its transfer.

    `time_format` None is ISO 8601, otherwise the words of `strptime`; naive times are in `zone`; where
    they are `rising`, the file is held to strict history. `decimals` None means
    integers in minor units, otherwise decimal text with at most so many decimals. `sign` None takes the direction
    from the sign of the amount, `positive` being the side of the account that a positive amount stands for.
    """

    external_id: Source
    time: Source
    time_format: str | None
    zone: tzinfo
    rising: bool
    amount: Source
    decimals: int | None
    sign: Source | None
    positive: str
    currency: Source
    code: Source


@dataclass(frozen=True, slots=True)
class HistoryMapping:
    """A loaded mapping, with the text that declares it.

    `days` is how a book that the import opens counts its dates, `period` from when to when it operates, if it says so.
    `values` are named once and may be used in every later template as `{name}`.
    """

    name: str
    declaration: str
    book_name: str
    jurisdiction: str
    currency: str
    days: DayRule
    period: Period | None
    namespace: str
    dialect: Dialect
    values: Mapping[str, Source]
    transfer: TransferRule
    account: HolderRule
    counterparty: HolderRule

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns that a file must have."""
        used = (name for source in (*self.values.values(), *_sources(self)) for name in source.fields)
        return tuple(dict.fromkeys(name for name in used if name not in self.values))


def load_mapping(mapping: Path) -> HistoryMapping:
    """Read a mapping from its file, or a shipped one by its name. Raises `InvalidInput`, which names place and cure."""
    path = mapping if mapping.is_file() else SHIPPED / f"{mapping}.toml"
    if not path.is_file():
        shipped = ", ".join(sorted(file.stem for file in SHIPPED.glob("*.toml")))
        raise InvalidInput(f"there is no mapping {str(mapping)!r}; give a TOML file or one of the shipped: {shipped}")
    try:
        text = path.read_text("utf-8")
    except (OSError, ValueError) as fault:
        raise InvalidInput(f"mapping {path.name} cannot be read as TOML: {fault}") from fault
    return read_mapping(path.stem, text)


def read_mapping(name: str, text: str) -> HistoryMapping:
    """The mapping that a text declares. Raises `InvalidInput`, which names place and cure."""
    try:
        root = Declaration(f"{name}.toml", tomllib.loads(text))
    except ValueError as fault:
        raise InvalidInput(f"mapping {name}.toml cannot be read as TOML: {fault}") from fault
    book, transfer = root.needed("book"), root.needed("transfer")
    partner = _partner(root.needed("partner"))
    loaded = HistoryMapping(
        name=name,
        declaration=text,
        book_name=book.text("name"),
        jurisdiction=book.text("jurisdiction"),
        currency=_known_currency(book, book.text("currency")),
        days=_days(book),
        period=_period(book),
        namespace=root.text("namespace"),
        dialect=_dialect(root.section("csv")),
        values=_values(root.section("values")),
        transfer=_transfer(transfer),
        account=_holder(root.needed("account"), AccountKind.CUSTOMER, partner),
        counterparty=_holder(root.needed("counterparty"), AccountKind.EXTERNAL, partner),
    )
    for declaration in (root, book, transfer):
        declaration.done()
    return loaded


def _days(book: Declaration) -> DayRule:
    try:
        return day_rule(book.text("time_zone", "UTC"), book.text("cut_off", "24:00"))
    except InvalidInput as fault:
        raise book.wrong(f"has a calendar that cannot be: {fault}") from fault


def _period(book: Declaration) -> Period | None:
    if "operates_from" not in book.table:
        return None
    until = _date(book, "operates_until") if "operates_until" in book.table else None
    return Period(_date(book, "operates_from"), until)


def _date(section: Declaration, key: str) -> date:
    try:
        return date.fromisoformat(section.text(key))
    except ValueError as fault:
        raise section.wrong(f'has a {key} that is no date; write it as a text such as "2018-04-01"') from fault


def _values(section: Declaration | None) -> dict[str, Source]:
    values: dict[str, Source] = {}
    for name in section.table if section else ():
        assert section is not None
        values[name] = source = section.needed(name).source()
        later = [used for used in source.fields if used in section.table and used not in values]
        if name in source.fields or later:
            raise section.wrong(f"uses {(later or [name])[0]!r} in {name!r}; a value is made from those above it")
    return values


def _dialect(section: Declaration | None) -> Dialect:
    if section is None:
        return Dialect()
    dialect = Dialect(section.text("delimiter", ","), section.text("quote", '"'), section.text("encoding", "utf-8"))
    if len(dialect.delimiter) != 1 or len(dialect.quote) != 1:
        raise section.wrong("needs delimiter and quote of one character each")
    try:
        plain = codecs.encode("\n", dialect.encoding) == b"\n"
    except (LookupError, TypeError):
        plain = False
    if not plain:
        raise section.wrong(f"has an encoding {dialect.encoding!r} that is not at hand; use utf-8, cp1250, latin-1 …")
    section.done()
    return dialect


def _transfer(section: Declaration) -> TransferRule:
    time, amount, currency, sign = (section.needed(key) for key in ("time", "amount", "currency", "sign"))
    time_format, zone, decimals = time.text("format", "iso"), _zone(time), _decimals(amount)
    rising = time.flag("rising")
    sign_source, positive = _sign(sign)
    rule = TransferRule(
        external_id=section.needed("id").source(),
        time=time.source(),
        time_format=None if time_format == "iso" else time_format,
        zone=zone,
        rising=rising,
        amount=amount.source(),
        decimals=decimals,
        sign=sign_source,
        positive=positive,
        currency=currency.source(),
        code=section.needed("code").source(),
    )
    if rule.currency.constant is not None:
        _known_currency(currency, rule.currency.constant)
    return rule


def _sign(section: Declaration) -> tuple[Source | None, str]:
    if "positive" not in section.table:
        source = section.source()
        given = {source.constant} if source.words is None else {*source.words.values(), source.otherwise} - {None}
        if not given <= set(_SIDES):
            raise section.wrong('must come to "credit" or "debit": a constant, or words = { "IN" = "credit", … }')
        return source, ""
    positive = section.text("positive")
    if positive not in _SIDES:
        raise section.wrong(f'says positive = {positive!r}; it is "credit" or "debit"')
    section.done()
    return None, positive


def _decimals(amount: Declaration) -> int | None:
    decimals, unit = amount.whole("decimals"), amount.text("unit", "decimal")
    if (decimals is None) == (unit != "minor"):
        raise amount.wrong('needs either decimals = 2 (decimal text) or unit = "minor" (integers)')
    return decimals


def _zone(time: Declaration) -> tzinfo:
    name = time.text("zone", "UTC")
    try:
        return time_zone(name)
    except InvalidInput as fault:
        raise time.wrong(f"has an unknown zone {name!r}; write UTC or a name such as Europe/Prague") from fault


def _holder(section: Declaration, kind: AccountKind, row_partner: PartnerRule) -> HolderRule:
    partner, customer, person = section.section("partner"), section.section("customer"), section.section("person")
    chosen = section.text("kind", kind)
    if chosen not in set(AccountKind):
        raise section.wrong(f"has an unknown kind {chosen!r}; it is one of {', '.join(AccountKind)}")
    if person is not None and customer is None:
        raise section.wrong("names a person without a customer")
    customer_source = customer.source() if customer else None
    rule = HolderRule(
        ref=section.needed("ref").source(),
        kind=AccountKind(chosen),
        partner=_partner(partner) if partner else row_partner,
        customer=customer_source,
        person=person.source() if person else customer_source,
    )
    section.done()
    return rule


def _partner(section: Declaration) -> PartnerRule:
    vertical, name = section.needed("vertical"), section.section("name")
    rule = PartnerRule(section.needed("ref").source(), vertical.source(), name.source() if name else None)
    constant = rule.vertical.constant
    if constant is not None and constant not in set(Vertical):
        raise vertical.wrong(f"is {constant!r}; verticals are {', '.join(Vertical)}")
    section.done()
    return rule


def _known_currency(section: Declaration, currency: str) -> str:
    try:
        exponent(currency)
    except InvalidInput as fault:
        raise section.wrong(f"names an unknown currency: {fault}") from fault
    return currency


def _sources(mapping: HistoryMapping) -> Iterator[Source]:
    transfer = mapping.transfer
    yield from (transfer.external_id, transfer.time, transfer.amount, transfer.currency, transfer.code)
    if transfer.sign is not None:
        yield transfer.sign
    for holder in (mapping.account, mapping.counterparty):
        optional = (holder.customer, holder.person, holder.partner.name)
        yield from (holder.ref, holder.partner.ref, holder.partner.vertical)
        yield from (source for source in optional if source is not None)
