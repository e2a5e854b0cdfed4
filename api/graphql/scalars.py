"""The scalars of the schema: exact numbers as text, instants with their offset, known currencies.

An invalid value raises `GraphQLError`, whose text reaches the caller; any other exception would be masked.
"""

import re
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from typing import Any, Final, NewType

import strawberry
from graphql import GraphQLError, ValueNode, value_from_ast_untyped
from strawberry.types.scalar import ScalarDefinition

from api.execution.variables import SECRET
from api.positions import show_position
from ledger.journal.position_tokens import ordinal_of, token_of
from ledger.kernel.currencies import EXPONENTS

Minor = NewType("Minor", int)
Whole = NewType("Whole", int)
Position = NewType("Position", int)
"""A position of the journal in an answer, which shows its token instead."""

Ordinal = NewType("Ordinal", int)
"""The token of a position in an argument, as the number of the caller's own facts up to it."""

Currency = NewType("Currency", str)
SecretText = NewType("SecretText", str)
"""A text that no document, error or line of a log contains; see `api.execution.variables`."""

_WHOLE: Final = re.compile(r"-?[0-9]{1,40}")
_INSTANT: Final = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt ][0-9]{2}:[0-9]{2}(:[0-9]{2}([.,][0-9]{1,6})?)?([Zz]|[+-][0-9]{2}(:?[0-9]{2})?)"
)
"""An instant of RFC 3339. Rejects week dates, and a seventh decimal, which would be lost."""

_DATE: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


def parse_minor(value: object) -> Minor:
    """Parse a whole number of minor units; only text is exact in every client, so JSON numbers are rejected."""
    if isinstance(value, str) and _WHOLE.fullmatch(value):
        return Minor(int(value))
    raise GraphQLError('write minor units as whole digits in a text, such as "1050" for 10.50 USD')


def parse_position(value: object) -> Ordinal:
    """Parse the token of a position; its ordinal counts the caller's own facts."""
    if isinstance(value, str) and (ordinal := ordinal_of(value)) is not None:
        return Ordinal(ordinal)
    raise GraphQLError(f'write a position as an answer gave it, such as "{token_of(1042)}"')


def parse_currency(value: object) -> Currency:
    """Parse an ISO 4217 code."""
    if isinstance(value, str) and value in EXPONENTS:
        return Currency(value)
    raise GraphQLError("write a currency as its ISO 4217 code in capitals, such as USD, EUR or JPY")


def parse_secret(value: object) -> SecretText:
    """Parse a secret text; an error never repeats it."""
    if isinstance(value, str):
        return SecretText(value)
    raise GraphQLError("write a secret as a text")


def parse_instant(value: object) -> datetime:
    """Parse an ISO 8601 instant into UTC; the offset is required."""
    try:
        if isinstance(value, str) and _INSTANT.fullmatch(value):
            return datetime.fromisoformat(value.upper()).astimezone(UTC)
    except (ValueError, OverflowError):
        pass
    raise GraphQLError(
        "write an instant as a day of the calendar, a time with up to six decimals and its time zone, "
        "such as 2026-11-24T08:30:00Z or 2026-11-24T08:30:00.123456+01:00"
    )


def parse_date(value: object) -> date:
    """Parse a date written as `YYYY-MM-DD`."""
    try:
        if isinstance(value, str) and _DATE.fullmatch(value):
            return date.fromisoformat(value)
    except ValueError:
        pass
    raise GraphQLError("write a day as YYYY-MM-DD, such as 2026-10-01")


def _refuse_literal(node: ValueNode, _variables: dict[str, Any] | None = None) -> object:
    """Refuse a secret that is written into a document, since documents are kept, hashed and shown in tools."""
    raise GraphQLError(f"send a {SECRET} as a variable, and keep it out of the document", node)


def _instant_text(instant: datetime) -> str:
    return instant.astimezone(UTC).isoformat().replace("+00:00", "Z")


def _scalar(
    name: str, description: str, show: Callable[..., object], parse: Callable[[object], object], *, url: str
) -> ScalarDefinition:
    return strawberry.scalar(
        name=name,
        description=description,
        serialize=show,
        parse_value=parse,
        parse_literal=_of_literal(parse),
        specified_by_url=url,
    )


def _of_literal(parse: Callable[[object], object]) -> Callable[..., object]:
    """Parse a literal of a document, so that an error has its location."""

    def parse_literal(node: ValueNode, variables: dict[str, Any] | None = None) -> object:
        try:
            return parse(value_from_ast_untyped(node, variables))
        except GraphQLError as error:
            raise GraphQLError(error.message, node) from None

    return parse_literal


_INTEGERS: Final = "https://www.w3.org/TR/xmlschema11-2/#integer"
_INSTANTS: Final = "https://www.rfc-editor.org/rfc/rfc3339#section-5.6"
_TEXTS: Final = "https://www.rfc-editor.org/rfc/rfc8259#section-7"
_DIGITS: Final = "https://www.crockford.com/base32.html"
_CURRENCIES: Final = "https://www.iso.org/iso-4217-currency-codes.html"


_POSITION: Final = _scalar(
    "Position",
    "A position among what was recorded for you, as an opaque text of fixed length. Positions rise as text in the "
    "order of recording, stay while only others post, and tell nothing else: two answers with the same position "
    "describe the same state of what is yours.",
    show_position,
    parse_position,
    url=_DIGITS,
)

SCALARS: Final[Mapping[object, ScalarDefinition]] = {
    Minor: _scalar(
        "Minor",
        'Whole minor units of a currency, as digits in a text: "1050" is 10.50 USD. A text, because JSON numbers lose '
        "digits in many clients; JSON numbers, fractions and exponents are refused.",
        str,
        parse_minor,
        url=_INTEGERS,
    ),
    Whole: _scalar("Whole", "A whole number of any size, as digits in a text.", str, parse_minor, url=_INTEGERS),
    Position: _POSITION,
    Ordinal: _POSITION,
    Currency: _scalar("Currency", "An ISO 4217 code, such as USD.", str, parse_currency, url=_CURRENCIES),
    SecretText: strawberry.scalar(
        name=SECRET,
        description="A text that is secret, such as an account number. It is accepted in variables only, and no error "
        "and no log repeats it.",
        serialize=str,
        parse_value=parse_secret,
        parse_literal=_refuse_literal,
        specified_by_url=_TEXTS,
    ),
    datetime: _scalar(
        "DateTime",
        "An instant in ISO 8601 with its time zone; answers are in UTC.",
        _instant_text,
        parse_instant,
        url=_INSTANTS,
    ),
    date: _scalar("Date", "A day, as YYYY-MM-DD.", date.isoformat, parse_date, url=_INSTANTS),
}
"""The scalar of each Python type."""
