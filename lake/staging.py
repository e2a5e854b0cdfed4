"""Staging models of the marts, derived from records: the columns of each record in the marts, as SQL and YAML.

Personal columns are left out, and so are the ids of persons: across partners there are only released insights.
"""

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Final

from lake.schema import SQL_TYPES, lake_columns, quoted
from ledger.kernel.business_days import Market, holidays_of
from ledger.kernel.constraints import Refers
from ledger.kernel.currencies import EXPONENTS
from ledger.kernel.record import Column, Record

_MADE: Final = "made by `make generated` from the records; do not edit"

_CURRENCIES: Final = """\
-- grain: one row per currency
-- {made}
with currencies as (
    select * from (values
{rows}
    ) as listed (currency, digits, minor_unit)
)

select
    currency,
    digits,
    minor_unit
from currencies
"""


_MARKETS: Final = {"XFED": Market.FEDERAL_RESERVE, "XECB": Market.TARGET}
_SATURDAY: Final = 5

_HOLIDAYS: Final = """\
-- grain: one row per market and holiday
-- {made}
-- Holidays on weekends are left out. They are checked in, so that a change of rules moves no business day of the past.
with market_holidays as (
    select * from (values
{rows}
    ) as listed (market, holiday_on, holiday_name)
)

select
    market,
    holiday_on,
    holiday_name
from market_holidays
"""


def staged(records: Sequence[type[Record]]) -> tuple[type[Record], ...]:
    """Return the records that have a generated staging model."""
    return tuple(record for record in records if record.STAGED is not None)


def staging_sql(record: type[Record]) -> str:
    """Return the staging model of a record: its columns under the names that marts use."""
    table = record.TABLE
    names = ",\n".join(
        f"    {column.name} as {name}" if column.name != name else f"    {name}"
        for name, column in _columns(record).items()
    )
    lines = [f"-- grain: {_grain(record)}", f"-- {_MADE}"]
    lines += [f"with {table} as (", f"    select * from {{{{ source('lake', '{table}') }}}}", ")", ""]  # noqa: S608  # a name of ours
    return "\n".join([*lines, "select", names, f"from {table}", ""])


def currencies_sql() -> str:
    """Return the model of the currencies: their codes, their decimals, and one minor unit of each."""
    units = [f"cast({Decimal(1).scaleb(-digits)} as decimal(5, 4))" for digits in range(5)]
    rows = ",\n".join(f"        ('{code}', {digits}, {units[digits]})" for code, digits in sorted(EXPONENTS.items()))
    return _CURRENCIES.format(made=_MADE, rows=rows)


def market_holidays_sql() -> str:
    """Return the model of the holidays of markets, by their market identifier codes (ISO 10383)."""
    rows = [
        f"        ('{code}', date '{day}', {_literal(name)})"
        for code, market in _MARKETS.items()
        for day, name in sorted(holidays_of(market).items())
        if day.weekday() < _SATURDAY
    ]
    return _HOLIDAYS.format(made=_MADE, rows=",\n".join(rows))


def staging_yaml(records: Sequence[type[Record]]) -> str:
    """Return the properties of all staging models: grain, key, references, and the description of each column."""
    lines = [f"# {_MADE}", "version: 2", "models:"]
    for record in staged(records):
        lines += _model(record, {each.TABLE for each in staged(records)})
    return "\n".join(lines) + "\n"


def _literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def _model(record: type[Record], models: set[str]) -> Iterator[str]:
    yield f"  - name: stg_lake__{record.TABLE}"
    yield f"    description: {quoted(' '.join((record.__doc__ or '').split()))}"
    yield f"    config: {{meta: {{grain: {_grain(record)}}}}}"
    yield "    data_tests:"
    yield f"      - key_is_unique: {{arguments: {{columns: [{', '.join(_key(record))}]}}}}"
    for reference in record.CONSTRAINTS:
        if isinstance(reference, Refers) and reference.table in models:
            columns = ", ".join(reference.columns)
            yield f"      - belongs_to: {{arguments: {{columns: [{columns}], to: ref('stg_lake__{reference.table}')}}}}"
    yield "    columns:"
    for name, column in _columns(record).items():
        yield f"      - name: {name}"
        yield f"        description: {quoted(_described(record, name, column))}"
        yield f"        data_type: {SQL_TYPES[column.storage]}"


def _columns(record: type[Record]) -> Mapping[str, Column]:
    """Return the columns by their names in the model; position and instant of recording come last."""
    found = {column.name: column for column in lake_columns(record)}
    seq, recorded_at = found.pop("seq"), found.pop("recorded_at")
    shown = {
        column.name if column.col.staged is True else str(column.col.staged): column
        for column in found.values()
        if column.col.staged and not (column.col.pii or column.col.pii_where)
    }
    return {**shown, f"{record.STAGED}_at": recorded_at, f"{record.STAGED}_seq": seq}


def _described(record: type[Record], name: str, column: Column) -> str:
    return {
        f"{record.STAGED}_at": f"When it was {record.STAGED}.",
        f"{record.STAGED}_seq": f"Position in the journal at which it was {record.STAGED}.",
    }.get(name, column.col.doc)


def _key(record: type[Record]) -> tuple[str, str]:
    """Return the key of its rows: the id of the record, or the position."""
    return "book_id", f"{record.PUBLIC_IDS[0][0]}_id" if record.PUBLIC_IDS else f"{record.STAGED}_seq"


def _grain(record: type[Record]) -> str:
    return f"one row per {record.PUBLIC_IDS[0][0] if record.PUBLIC_IDS else record.TABLE.removesuffix('s')}".replace(
        "_", " "
    )
