"""Reads a template from its declaration in TOML or JSON, and refuses one with faults, naming all of them."""

import json
from collections.abc import Callable, Sequence
from typing import Final

from ledger.kernel.errors import InvalidInput
from ledger.kernel.toml import read_toml as parsed_toml
from ledger.templates.amount_declarations import read_amount
from ledger.templates.checks import faults_of
from ledger.templates.constants import parse_currency, parse_name, parse_text
from ledger.templates.declarations import Declared
from ledger.templates.errors import InvalidTemplate
from ledger.templates.language import Parameter, ParameterKind, Template
from ledger.templates.leg_declarations import read_leg, read_requirement

DECLARATION_MAX: Final = 65_536
"""Maximum length of a declaration, in characters."""


def read_toml(text: str) -> Template:
    """Read the template that a TOML document declares. Raises `InvalidTemplate`."""
    return _read(text, "TOML", lambda: parsed_toml(text))


def read_json(text: str) -> Template:
    """Read the template that a JSON document declares, with the same keys. Raises `InvalidTemplate`."""
    return _read(text, "JSON", lambda: json.loads(text, parse_float=str, object_pairs_hook=_without_twins))


def _read(text: str, form: str, parse: Callable[[], object]) -> Template:
    if len(text) > DECLARATION_MAX:
        raise InvalidTemplate([f"a declaration has up to {DECLARATION_MAX} characters, this one has {len(text)}"])
    try:
        document = parse()
    except (ValueError, RecursionError) as fault:
        raise InvalidTemplate([f"this is not {form}: {fault}"]) from None
    if not isinstance(document, dict):
        raise InvalidTemplate([f"this is {form}, but not a table; write name = ... and [[legs]]"])
    top = Declared("", document, [])
    template = _template(top)
    if faults := top.faults or faults_of(template):
        raise InvalidTemplate(faults)
    return template


def _without_twins(pairs: Sequence[tuple[str, object]]) -> dict[str, object]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("a key is in one table twice")
    return found


def _template(top: Declared) -> Template:
    template = Template(
        name=top.needed("name", parse_name, ""),
        about=top.optional("about", parse_text) or "",
        parameters=_parameters(top),
        amounts={name: read_amount(top.entry(f"amount {name}", table)) for name, table in top.named("amounts").items()},
        legs=tuple(read_leg(leg) for leg in top.tables("legs", "leg")),
        requirements=tuple(read_requirement(each) for each in top.tables("require", "require")),
    )
    for name in (*template.parameters, *template.amounts):
        try:
            parse_name(name)
        except InvalidInput as refusal:
            top.wrong(str(refusal))
    top.done()
    return template


def _parameters(top: Declared) -> dict[str, Parameter]:
    table = Declared("parameters", top.named("parameters"), top.faults)
    return {name: table.needed(name, _parameter, Parameter(ParameterKind.TEXT)) for name in table.table}


def _parameter(text: str) -> Parameter:
    word, _, currency = text.partition(" ")
    if word not in list(ParameterKind) or (currency and word != ParameterKind.MONEY):
        raise InvalidInput(f'{text!r} is not a kind; write "account", "money", "money USD", "rate" or "text"')
    return Parameter(ParameterKind(word), parse_currency(currency) if currency else None)
