"""Amounts: parses the amount format that a mapping declares into exact minor units."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from ledger.kernel.currencies import exponent
from ledger.kernel.errors import InvalidInput
from ledger.kernel.money import MINOR_MAX
from pipelines.imports.declarations import Declaration
from pipelines.imports.rules import Rule
from pipelines.imports.sources import Fault, Source

_CHARACTERS_MAX: Final = 60
_DIGITS: Final = re.compile(r"([^0-9]*)([0-9](?:.*[0-9])?)([^0-9]*)", re.DOTALL)
_BLANKS: Final = " \u00a0\u2009\u202f"
_SAME: Final = {" ": _BLANKS, "'": "'\u2019"}
"""Grouping signs with lookalikes: the blank also as a narrow or no-break space, the apostrophe also as a curly one."""

_POSITIVE: Final = ("5", "+5")
_NEGATIVE: Final = ("-5",)


class _Around(NamedTuple):
    """The text before and after the digits: whether it makes the amount negative, and the currency that it names."""

    negative: bool
    currency: str | None


@dataclass(frozen=True, slots=True)
class AmountForm:
    """A format of amounts.

    `decimals` is the largest number of written decimals; None means whole numbers of minor units. `decimal` is the
    decimal sign, and `grouping` the signs between groups of digits (thousands, or Indian ones: 1,23,45,678). `positive`
    and `negative` are examples with the digit 5, and `symbols` maps signs beside the digits to currencies.
    """

    decimals: int | None
    decimal: str = "."
    grouping: str = ""
    indian: bool = False
    positive: tuple[str, ...] = _POSITIVE
    negative: tuple[str, ...] = _NEGATIVE
    symbols: tuple[tuple[str, str], ...] = ()
    around: Mapping[tuple[str, str], _Around] = field(init=False, compare=False, repr=False)
    digits: re.Pattern[str] = field(init=False, compare=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "around", dict(_arounds(self)))
        object.__setattr__(self, "digits", _digits(self))

    def read(self, text: str, currency: str) -> int | Fault:
        """Parse a signed amount into minor units of its currency, without rounding or guessing."""
        parted = _DIGITS.fullmatch(text.strip()) if len(text) <= _CHARACTERS_MAX else None
        if parted is None:
            return _fault(
                "an amount is a number in the digits 0 to 9, of 60 characters at most", text[:_CHARACTERS_MAX]
            )
        before, core, behind = parted.groups()
        around = self.around.get((before, behind)) or self.around.get((_bare(before), _bare(behind)))
        if around is None:
            return _fault(_AROUND, text)
        if around.currency is not None and around.currency != currency:
            return _fault(f"the amount names another currency than its row; it is {around.currency}", text)
        digits = self.digits.fullmatch(core)
        if digits is None:
            return _fault(f"the digits are not written as the mapping declares: {self.told}", text)
        minor = self._minor(digits["whole"], digits["fraction"] or "", currency)
        if isinstance(minor, str):
            return _fault(minor, text)
        return -minor if around.negative else minor

    def currency_of(self, text: str) -> str | Fault:
        """Return the currency named beside the digits."""
        parted = _DIGITS.fullmatch(text.strip()) if len(text) <= _CHARACTERS_MAX else None
        around = None if parted is None else self.around.get((_bare(parted[1]), _bare(parted[3])))
        if around is None or around.currency is None:
            return Fault(Rule.UNKNOWN_CURRENCY, "the amount names none of the currencies in symbols", text)
        return around.currency

    @property
    def told(self) -> str:
        """The format in words, for messages."""
        if self.decimals is None:
            return "a whole number of minor units"
        grouping = f"grouping {self.grouping!r} between all groups or none" if self.grouping else "no grouping"
        return f"decimal {self.decimal!r}, at most {self.decimals} decimals, {grouping}"

    def _minor(self, whole: str, fraction: str, currency: str) -> int | str:
        """Return the value without its sign, or a text with the mistake."""
        if self.decimals is not None and len(fraction) > self.decimals:
            return f"the mapping allows {self.decimals} written decimals at most"
        scale = 0 if self.decimals is None else exponent(currency)
        if fraction[scale:].strip("0"):
            return f"{currency} has {scale} decimals"
        digits = whole if whole.isdecimal() else "".join(filter(str.isdecimal, whole))
        minor = int(digits + fraction[:scale].ljust(scale, "0"))
        return minor if minor <= MINOR_MAX else f"the ledger holds {MINOR_MAX} minor units at most"


_AROUND: Final = "what stands beside the digits is not declared; declare it in positive, negative or symbols"


@dataclass(frozen=True, slots=True)
class AmountRule:
    """The source of a row's amount: one column, or the one of two columns that is filled.

    `source` is None for two columns: `credit`, for money that the account receives, and `debit`, for money that it
    gives. With `debit_is_negative`, the debit column has a minus sign. `form` is the format of the amounts.
    """

    form: AmountForm
    source: Source | None
    credit: Source | None = None
    debit: Source | None = None
    debit_is_negative: bool = False

    @property
    def sources(self) -> tuple[Source, ...]:
        """The source, or both sources."""
        return tuple(source for source in (self.source, self.credit, self.debit) if source is not None)

    def of_two(self, credit: str, debit: str, currency: str) -> int | Fault:
        """Parse the amount of two columns, positive if the account receives; zero counts as empty."""
        both: list[int] = []
        for text, side in ((credit, 1), (debit, -1)):
            amount = self.form.read(text, currency) if text.strip() else 0
            if isinstance(amount, Fault):
                return amount
            if amount and (amount < 0) != (side < 0 and self.debit_is_negative):
                return _fault("the sign is not the one that this column has by the mapping (debit_sign)", text)
            both.append(abs(amount) * side)
        if (both[0] == 0) == (both[1] == 0):
            return _fault("exactly one of the two columns, credit and debit, has an amount", f"{credit} | {debit}")
        return both[0] or both[1]


def declared_amount(section: Declaration) -> AmountRule:
    """Parse the amount rule of a mapping. Raises `InvalidInput`."""
    form = declared_form(section)
    credit, debit = section.section("credit"), section.section("debit")
    if credit is None and debit is None:
        return AmountRule(form, section.source())
    if credit is None or debit is None:
        raise section.wrong("names one of credit and debit; an amount in two columns needs both")
    negative = section.choice("debit_sign", ("positive", "negative"), "positive") == "negative"
    section.done()
    return AmountRule(form, None, credit.source(), debit.source(), negative)


def declared_form(section: Declaration, like: AmountForm | None = None) -> AmountForm:
    """Parse the amount format of a table; absent keys are as in `like`. Raises `InvalidInput`."""
    says_decimals = section.has("decimals") | section.has("unit")
    decimals = _decimals(section) if like is None or says_decimals else like.decimals
    form = like or AmountForm(decimals)
    decimal = section.text("decimal", form.decimal)
    grouping = _grouping(section, decimal) if section.has("grouping") else form.grouping
    if decimal in grouping or len(decimal) != 1 or decimal.isalnum():
        raise section.wrong('needs decimal = "," or another single sign, and another one than grouping')
    default = "indian" if form.indian else "thousands"
    symbols = tuple(section.pairs("symbols").items()) if section.has("symbols") else form.symbols
    made = AmountForm(
        decimals=decimals,
        decimal=decimal,
        grouping=grouping,
        indian=section.choice("groups", ("thousands", "indian"), default) == "indian",
        positive=_examples(section, "positive", form.positive),
        negative=_examples(section, "negative", form.negative),
        symbols=symbols,
    )
    _check(section, made)
    return made


def plain_form(form: AmountForm) -> AmountForm:
    """Return the format of a column that holds numbers, whatever the declared signs: with "-" and "."."""
    return AmountForm(form.decimals)


def without_idle_zeros(text: str) -> str:
    """Return a number without trailing zeros that only its column's type added."""
    return text.rstrip("0").rstrip(".") if "." in text else text


def _check(section: Declaration, form: AmountForm) -> None:
    """Reject an ambiguous format."""
    for symbol, currency in form.symbols:
        if not symbol.strip() or re.search("[0-9]", symbol):
            raise section.wrong(f"has a symbol {symbol!r}; a symbol is a sign or word without digits")
        try:
            exponent(currency)
        except InvalidInput as fault:
            raise section.wrong(f"has the symbol {symbol!r} for an unknown currency: {fault}") from fault
    found: dict[tuple[str, str], _Around] = {}
    for place, around in _arounds(form):
        if found.setdefault(place, around) != around:
            raise section.wrong(f"has {f'{place[0]}5{place[1]}'!r} in two meanings; give each form one")


def _decimals(section: Declaration) -> int | None:
    decimals, unit = section.whole("decimals"), section.text("unit", "decimal")
    if (decimals is None) == (unit != "minor"):
        raise section.wrong('needs either decimals = 2 (decimal text) or unit = "minor" (integers)')
    return decimals


def _grouping(section: Declaration, decimal: str) -> str:
    sign = section.text("grouping")
    if len(sign) != 1 or sign.isalnum() or sign == decimal or sign in "+-":
        raise section.wrong('needs grouping of one sign that is neither a letter nor the decimal sign, such as "."')
    return next((alike for one, alike in _SAME.items() if sign in (one, *alike)), sign)


def _examples(section: Declaration, key: str, default: tuple[str, ...]) -> tuple[str, ...]:
    examples = section.some(key, default)
    for example in examples:
        if re.sub("[^0-9]", "", example) != "5":
            raise section.wrong(
                f"has {example!r} in {key}; an example is an amount with the one digit 5, such as '(5)'"
            )
    return examples


def _arounds(form: AmountForm) -> Iterator[tuple[tuple[str, str], _Around]]:
    """Yield all texts that may surround the digits, without blanks: each example, with each symbol in four places."""
    for negative, examples in ((False, form.positive), (True, form.negative)):
        for example in examples:
            before, _, behind = _bare(example).partition("5")
            yield (before, behind), _Around(negative, None)
            for symbol, currency in form.symbols:
                sign, around = _bare(symbol), _Around(negative, currency)
                places = (
                    (sign + before, behind),
                    (before + sign, behind),
                    (before, sign + behind),
                    (before, behind + sign),
                )
                yield from ((place, around) for place in dict.fromkeys(places))


def _digits(form: AmountForm) -> re.Pattern[str]:
    wholes = ["[0-9]+"]
    if form.grouping:
        sign = f"[{re.escape(form.grouping)}]"
        two = "[0-9]{2}" if form.indian else "[0-9]{3}"
        first = "[1-9][0-9]?" if form.indian else "[1-9][0-9]{0,2}"
        wholes.append(rf"{first}(?P<sign>{sign})(?:{two}(?P=sign))*[0-9]{{3}}")
    fraction = "" if form.decimals is None else f"(?:{re.escape(form.decimal)}(?P<fraction>[0-9]+))?"
    return re.compile(f"(?P<whole>{'|'.join(wholes)}){fraction or '(?P<fraction>)'}")


def _bare(text: str) -> str:
    """Return the text without blanks."""
    return "".join(text.split())


def _fault(says: str, text: str) -> Fault:
    return Fault(Rule.UNREADABLE_AMOUNT, says, text)
