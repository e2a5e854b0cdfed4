"""Arguments: the values of a call for the parameters of a template, parsed from text or refused."""

from collections.abc import Mapping
from difflib import get_close_matches
from typing import Final

from ledger.book.records.accounts import AccountId
from ledger.kernel.errors import InvalidInput
from ledger.kernel.money import Money
from ledger.templates.constants import parse_account, parse_money, parse_rate_text, parse_text
from ledger.templates.errors import InvalidArguments
from ledger.templates.language import Parameter, ParameterKind, Template

Arguments = Mapping[str, AccountId | Money | str]
"""A value for each parameter: an account, an amount, or the text of a rate or a text."""


def read_arguments(template: Template, given: Mapping[str, object]) -> Arguments:
    """Parse the arguments of a call, given as texts: `acc_018f…`, `10.50 USD`, `1.0842`.

    Raises `InvalidArguments` with all faults.
    """
    faults: list[str] = []
    found: dict[str, AccountId | Money | str] = {}
    for name, parameter in template.parameters.items():
        try:
            found[name] = _argument(parameter, given.get(name))
        except InvalidInput as refusal:
            faults.append(f"{name}: {refusal}")
    for name in sorted(set(given) - set(template.parameters)):
        near = get_close_matches(name, template.parameters, n=1)
        guess = f"did you mean {near[0]}? " if near else ""
        faults.append(f"{template.name} has no parameter {name!r}; {guess}It takes {', '.join(template.parameters)}")
    if faults:
        raise InvalidArguments(faults)
    return found


def _argument(parameter: Parameter, text: object) -> AccountId | Money | str:
    if not isinstance(text, str):
        raise InvalidInput(f"{'is missing' if text is None else 'is no text'}; write {_EXAMPLES[parameter.kind]}")
    if parameter.kind is ParameterKind.ACCOUNT:
        return parse_account(text)
    if parameter.kind is ParameterKind.MONEY:
        return _money(parameter, text)
    return parse_rate_text(text) if parameter.kind is ParameterKind.RATE else parse_text(text)


def _money(parameter: Parameter, text: str) -> Money:
    money = parse_money(text)
    if money.minor < 0:
        raise InvalidInput(f"{money} is negative; write an amount of zero or more")
    if parameter.currency not in (None, money.currency):
        raise InvalidInput(f"{money} is in {money.currency}; this parameter takes {parameter.currency}")
    return money


_EXAMPLES: Final = {
    ParameterKind.ACCOUNT: "an account id, acc_018f…",
    ParameterKind.MONEY: "an amount, 10.50 USD",
    ParameterKind.RATE: "a rate, 1.0842",
    ParameterKind.TEXT: "a text",
}
