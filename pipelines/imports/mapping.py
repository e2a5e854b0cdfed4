"""Mappings: declare in TOML how a file's columns become transfers, checked when a mapping is loaded."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, tzinfo
from pathlib import Path
from typing import Final

from ledger.book.records.accounts import AccountKind
from ledger.kernel.calendar import DayRule, day_rule, time_zone
from ledger.kernel.currencies import exponent
from ledger.kernel.errors import InvalidInput
from ledger.kernel.toml import read_toml
from ledger.tenancy.operating_periods import Period
from ledger.tenancy.records import Vertical
from pipelines.imports.amounts import AmountRule, declared_amount
from pipelines.imports.balances import BalanceRule, declared_balance
from pipelines.imports.dates import ISO, DateReader, date_reader
from pipelines.imports.declarations import Declaration
from pipelines.imports.dialects import Dialect, declared_dialect
from pipelines.imports.occurrences import OCCURRENCE
from pipelines.imports.sources import Source

SHIPPED: Final = Path(__file__).parent / "mappings"
"""The folder of the mappings that are shipped with Cofferdam, each known by its file's stem."""

_SIDES: Final = ("credit", "debit")


@dataclass(frozen=True, slots=True)
class PartnerRule:
    """The partner of a row; its name defaults to its reference, in words."""

    ref: Source
    vertical: Source
    name: Source | None


@dataclass(frozen=True, slots=True)
class HolderRule:
    """One side of every transfer: the account, its owner, its kind.

    `customer` is None for an account of the partner itself; `person` is the person behind the customer, the same at
    every partner of the book.
    """

    ref: Source
    kind: AccountKind
    partner: PartnerRule
    customer: Source | None
    person: Source | None


@dataclass(frozen=True, slots=True)
class TransferRule:
    """The transfer columns of a row.

    `read_date` parses the texts of `time` by the format `date_form`; naive times are in `zone`; with `rising`, the file
    must be in strict time order. `sign` is None if the direction follows from the amount: from the one of two columns
    that is filled, or from its sign, where `positive` is the account's side for a positive amount. `currency` is None
    if it follows from the symbol beside the digits. With `digests_id`, the external id is a digest of its text, which
    may be long or personal.
    """

    external_id: Source
    digests_id: bool
    time: Source
    date_form: str
    read_date: DateReader
    zone: tzinfo
    rising: bool
    amount: AmountRule
    sign: Source | None
    positive: str
    currency: Source | None
    code: Source


@dataclass(frozen=True, slots=True)
class SkipRule:
    """Rows that are no transfers: their text is one of `equals`, or begins with one of `begins`."""

    source: Source
    equals: frozenset[str]
    begins: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class HistoryMapping:
    """A loaded mapping, with the text that declares it.

    `days` is the calendar of a book that the import opens, `period` its operating period, if declared. `values` are
    named texts for later templates as `{name}`; rows that `skips` matches are left out.
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
    skips: tuple[SkipRule, ...]
    transfer: TransferRule
    account: HolderRule
    counterparty: HolderRule
    balance: BalanceRule | None

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns that a file must have."""
        own = {*self.values, OCCURRENCE} if self.counts_equal_rows else set(self.values)
        used = (name for source in (*self.values.values(), *_sources(self)) for name in source.fields)
        return tuple(dict.fromkeys(name for name in used if name not in own))

    @property
    def counts_equal_rows(self) -> bool:
        """True if rows with an equal id are numbered."""
        source = self.transfer.external_id
        return source.column is None and OCCURRENCE in source.fields and OCCURRENCE not in self.values

    @property
    def counted_by(self) -> str:
        """The declaration of a row's id as text; mappings with the same text number equal rows alike."""
        return repr((self.transfer.external_id, self.values)) if self.counts_equal_rows else ""


def load_mapping(mapping: Path) -> HistoryMapping:
    """Load a mapping from its file, or a shipped one by name. Raises `InvalidInput` with location and correction."""
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
    """Parse a mapping. Raises `InvalidInput` with location and correction."""
    try:
        root = Declaration(f"{name}.toml", read_toml(text.removeprefix("\ufeff")))
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
        dialect=declared_dialect(root.section("csv")),
        values=_values(root.section("values")),
        skips=tuple(map(_skip, root.sections("skip"))),
        transfer=(rule := _transfer(transfer)),
        account=_holder(root.needed("account"), AccountKind.CUSTOMER, partner),
        counterparty=_holder(root.needed("counterparty"), AccountKind.EXTERNAL, partner),
        balance=declared_balance(root.section("balance"), rule.amount.form),
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


def _skip(section: Declaration) -> SkipRule:
    equals = section.names("is", may_be_empty=True) if section.has("is") else ()
    begins = section.some("begins")
    if not equals and not begins:
        raise section.wrong('needs is = ["a text"] or begins = ["a text"]')
    return SkipRule(section.source(), frozenset(equals), begins)


def _transfer(section: Declaration) -> TransferRule:
    time, code, external_id = (section.needed(key) for key in ("time", "code", "id"))
    digests_id = external_id.flag("digest")
    date_form, months, zone, rising = time.text("format", ISO), time.some("months"), _zone(time), time.flag("rising")
    amount = declared_amount(section.needed("amount"))
    sign, positive = _sign(section, amount)
    return TransferRule(
        external_id=external_id.source(),
        digests_id=digests_id,
        time=time.source(),
        date_form=date_form,
        read_date=_date_reader(time, date_form, months),
        zone=zone,
        rising=rising,
        amount=amount,
        sign=sign,
        positive=positive,
        currency=_currency(section.needed("currency"), amount),
        code=code.source(),
    )


def _date_reader(time: Declaration, date_form: str, months: Sequence[str]) -> DateReader:
    if months and len(set(months)) != _MONTHS_OF_A_YEAR:
        raise time.wrong("needs twelve different names in months, from January on")
    try:
        return date_reader(date_form, months)
    except ValueError as fault:
        raise time.wrong(f"has a format {date_form!r} that no date can be read by: {fault}") from fault


_MONTHS_OF_A_YEAR: Final = 12


def _currency(section: Declaration, amount: AmountRule) -> Source | None:
    if section.flag("from_amount"):
        if amount.source is None or not amount.form.symbols:
            raise section.wrong("takes the currency from the amount; that needs one column with symbols")
        section.done()
        return None
    source = section.source()
    if source.constant is not None:
        _known_currency(section, source.constant)
    return source


def _sign(transfer: Declaration, amount: AmountRule) -> tuple[Source | None, str]:
    """Return the source of the direction, and the side for a positive amount."""
    if amount.source is None:
        if transfer.has("sign"):
            raise transfer.wrong("has a sign and an amount in two columns; the column says the sign, so leave sign out")
        return None, "credit"
    section = transfer.needed("sign")
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
    yield from (transfer.external_id, transfer.time, *transfer.amount.sources)
    yield from (source for source in (transfer.currency, transfer.code, transfer.sign) if source is not None)
    for holder in (mapping.account, mapping.counterparty):
        optional = (holder.customer, holder.person, holder.partner.name)
        yield from (holder.ref, holder.partner.ref, holder.partner.vertical)
        yield from (source for source in optional if source is not None)
    yield from (rule.source for rule in mapping.skips)
    if mapping.balance is not None and mapping.balance.source is not None:
        yield mapping.balance.source
