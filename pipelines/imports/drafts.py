"""Drafts: proposes a mapping from the beginning of a file, and marks every guess in it."""

import json
import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from ledger.kernel.currencies import EXPONENTS
from ledger.kernel.errors import InvalidInput
from pipelines.imports.amounts import AmountForm
from pipelines.imports.dates import date_reader
from pipelines.imports.parquet_files import MAGIC, open_parquet, parquet_columns
from pipelines.imports.samples import Sample, csv_sample
from pipelines.imports.sources import Fault

_DATES: Final = (
    *(
        "iso",
        "%d.%m.%Y",
        "%d.%m.%y",
        "%d/%m/%Y",
        "%m/%d/%Y",
        "%d-%m-%Y",
        "%d/%m/%y",
        "%m/%d/%y",
        "%d-%m-%y",
        "%Y/%m/%d",
    ),
    *("%Y.%m.%d", "%d-%b-%Y", "%d %b %Y", "%d-%b-%y", "%d/%m/%Y %H:%M:%S", "%d.%m.%Y %H:%M:%S", "%d.%m.%Y %H:%M"),
    *("%m/%d/%Y %H:%M", "%d/%m/%Y %H:%M", "%d %B %Y", "%b %d %Y", "excel"),
)
_NEGATIVE: Final = ("-5", "5-", "(5)", "\u22125")
_SIGNS: Final = ((".", ","), (",", "."), (",", " \u00a0\u202f"), (".", "'\u2019"), (".", " \u00a0\u202f"))
_NAMES: Final = {
    "amount": r"amount|betrag|umsatz|montant|importe|valor|kwota|\u010d\u00e1stka|castka|objem|bedrag|\bvalue\b|total",
    "credit": r"credit|haben|deposit|paid in|gutschrift|cr\u00e9dit|bijschrijving",
    "debit": r"debit|soll|withdrawal|paid out|lastschrift|belastung|d\u00e9bit|afschrijving",
    "balance": r"balance|saldo|solde|kontostand|z\u016fstatek|zustatek",
    "date": r"date|datum|data|buchung|\u0434\u0430\u0442\u0430",
    "text": r"desc|text|narrat|memo|zweck|libell|omschrijving|detail|opis|hist|n\u00e1zev|pozn|memo|name|payee",
}


@dataclass(frozen=True, slots=True)
class _Amounts:
    """A column of amounts with the format that fits all its texts, and whether one of them is negative."""

    column: str
    form: AmountForm
    signed: bool


def draft_mapping(file: Path) -> str:
    """Draft a mapping that reads the file, as far as its beginning shows. Raises `InvalidInput`."""
    sample = _sampled(file)
    if not sample.rows:
        raise InvalidInput(f"{file.name} has no rows from which a mapping could be drafted")
    return "\n".join(_lines(_slug(file.stem), sample)) + "\n"


def _sampled(file: Path) -> Sample:
    try:
        with file.open("rb") as stream:
            if stream.read(len(MAGIC)) != MAGIC:
                return csv_sample(file)
        names = parquet_columns(file)
        chunk = next(open_parquet(file, names).chunks(200), None)
    except OSError as fault:
        raise InvalidInput(f"{file} cannot be read: {fault.strerror or fault}") from fault
    rows = [] if chunk is None else list(zip(*(map(str, chunk.columns[name]) for name in names), strict=True))
    return Sample(names, rows, ())


def _lines(name: str, sample: Sample) -> Iterator[str]:
    yield from (f'namespace = "{name}" # guess: accounts stand in the book under this name', "")
    currencies = [
        each for each in sample.names if set(_texts(sample, each)) and set(_texts(sample, each)) <= set(EXPONENTS)
    ]
    currency = _texts(sample, currencies[0])[0] if currencies else _currency_in(sample.names)
    yield from (
        "[book]",
        f'name = "{name}" # guess',
        f'jurisdiction = "{currency[:2]}" # guess: the country of the book',
    )
    yield from (f'currency = "{currency}" # guess', "")
    yield from sample.csv
    yield from _transfer(sample, currencies)
    yield from (
        "",
        "[partner]",
        f'ref = {{ constant = "{name}" }} # guess',
        'vertical = { constant = "banking" } # guess',
    )
    yield from ("", "[account]", 'kind = "liquidity" # guess: an account of the partner itself')
    yield 'ref = { constant = "current" } # guess: or the column that names the account'
    yield from ("", "[counterparty]", 'ref = { constant = "outside" } # guess: what stands on the other side')


def _transfer(sample: Sample, currencies: Sequence[str]) -> Iterator[str]:
    dates = {name: found for name in sample.names if (found := _date_forms(name, _texts(sample, name)))}
    amounts = {name: read for name in sample.names if name not in dates and (read := _amounts(sample, name))}
    balance = _named("balance", list(amounts))
    amount, credit, debit = _of_amounts([name for name in amounts if name != balance])
    if not dates or (amount is None and (credit is None or debit is None)):
        lacks = "a date" if not dates else "an amount"
        raise InvalidInput(f"no column of this file reads as {lacks} in every row; write the mapping by hand")
    date = _named("date", list(dates)) or next(iter(dates))
    rest = [name for name in sample.names if name not in (*dates, *amounts, *currencies)]
    text = _named("text", rest) or (rest[0] if rest else date)
    used = [date, *([amount] if amount else [credit or "", debit or ""]), text]
    yield "[transfer]"
    template = "|".join([*map(_in_braces, used), "{occurrence}"])
    yield f"id = {{ template = {_quoted(template)}, digest = true }} # guess: use a column of ids if there is one"
    yield _time_line(date, dates[date])
    if amount:
        yield f"amount = {{ column = {_quoted(amount)}, {_form(amounts[amount].form)} }} # guess"
        yield 'sign = { positive = "credit" } # guess: a positive amount is money that the account receives'
    else:
        assert credit
        assert debit
        sides = f"credit = {{ column = {_quoted(credit)} }}, debit = {{ column = {_quoted(debit)} }}"
        negative = ', debit_sign = "negative"' if amounts[debit].signed else ""
        yield f"amount = {{ {sides}{negative}, {_form(amounts[credit].form)} }} # guess"
    shown = f"column = {_quoted(currencies[0])}" if currencies else f'constant = "{_currency_in(sample.names)}"'
    yield f"currency = {{ {shown} }} # guess"
    yield 'code = { constant = "bank-transaction" } # guess'
    if balance:
        keys = _keys(amounts[balance].form, always_decimal=True)
        yield from (
            "",
            "[balance]",
            f"column = {_quoted(balance)} # guess",
            *(f"{each} # guess" for each in keys),
        )
        yield f'order = "{_order(sample, date, dates[date])}" # guess'


def _time_line(name: str, forms: Sequence[str]) -> str:
    others = f", or {' or '.join(forms[1:3])}: nothing in the file tells them apart" if len(forms) > 1 else ""
    return f'time = {{ column = {_quoted(name)}, format = "{forms[0]}", zone = "UTC" }} # guess{others}'


def _order(sample: Sample, name: str, forms: Sequence[str]) -> str:
    texts, read = _texts(sample, name), date_reader(forms[0])
    return "newest-first" if str(read(texts[0])) > str(read(texts[-1])) else "oldest-first"


def _of_amounts(names: Sequence[str]) -> tuple[str | None, str | None, str | None]:
    """Return the column of amounts; or none, and the columns of credits and debits."""
    credit, debit = (_named(key, names) for key in ("credit", "debit"))
    amount = _named("amount", [name for name in names if name not in (credit, debit)])
    if amount is None and credit and debit and credit != debit:
        return None, credit, debit
    return amount or next(iter(names), None), None, None


def _date_forms(name: str, texts: Sequence[str]) -> list[str]:
    """Return the date formats that parse all texts; day numbers count only in a column named like a date."""
    called = re.search(_NAMES["date"], name, re.IGNORECASE) is not None
    forms = [form for form in _DATES if called or form != "excel"]
    return [form for form in forms if texts and _reads_all(date_reader(form), texts)]


def _reads_all(read: Callable[[str], object], texts: Sequence[str]) -> bool:
    with suppress(ValueError, OverflowError):
        for text in texts:
            read(text)
        return True
    return False


def _amounts(sample: Sample, name: str) -> _Amounts | None:
    """Return the column as amounts, if one format fits all texts, and they have decimals or the name says so."""
    texts = _texts(sample, name)
    called = any(re.search(_NAMES[key], name, re.IGNORECASE) for key in ("amount", "credit", "debit", "balance"))
    if not texts or not (called or any(re.search(r"[.,][0-9]{2}\D*$", text) for text in texts)):
        return None
    for decimal, grouping in _SIGNS:
        form = AmountForm(2, decimal, grouping, negative=_NEGATIVE)
        read = [form.read(text, "EUR") for text in texts]
        if not any(isinstance(each, Fault) for each in read):
            grouped = grouping if any(sign in text for text in texts for sign in grouping) else ""
            negative = tuple(each for each in _NEGATIVE if any(_has(each, text) for text in texts))
            plain = AmountForm(2, decimal, grouped, negative=negative or ("-5",))
            return _Amounts(name, plain, any(isinstance(each, int) and each < 0 for each in read))
    return None


def _has(example: str, text: str) -> bool:
    before, _, behind = example.partition("5")
    return text.startswith(before) and text.endswith(behind)


def _form(form: AmountForm) -> str:
    return ", ".join(_keys(form))


def _keys(form: AmountForm, *, always_decimal: bool = False) -> list[str]:
    """Return the mapping's keys for the format; those with default values only on request."""
    keys = ["decimals = 2"]
    keys += [f"decimal = {_quoted(form.decimal)}"] if always_decimal or form.decimal != "." else []
    keys += [f"grouping = {_quoted(form.grouping[0])}"] if form.grouping else []
    keys += [f"negative = [{', '.join(map(_quoted, form.negative))}]"] if form.negative != ("-5",) else []
    return keys


def _currency_in(names: Sequence[str]) -> str:
    """Return the currency in a column's name; otherwise a placeholder."""
    words = re.findall("[A-Z]{3}", " ".join(names))
    return next((word for word in words if word in EXPONENTS), "EUR")


def _named(key: str, names: Sequence[str]) -> str | None:
    return next((name for name in names if re.search(_NAMES[key], name, re.IGNORECASE)), None)


def _texts(sample: Sample, name: str) -> list[str]:
    place = sample.names.index(name)
    return [row[place].strip() for row in sample.rows if row[place].strip()]


def _in_braces(name: str) -> str:
    return "{" + name.replace("{", "{{").replace("}", "}}") + "}"


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


def _slug(stem: str) -> str:
    return re.sub("[^a-z0-9]+", "-", stem.lower()).strip("-")[:40] or "bank"
