"""Checks a whole template on publication, so that a call can fail only because of its arguments or the book."""

from collections.abc import Iterator, Mapping
from difflib import get_close_matches

from ledger.templates.amounts import Amount, Name, operands
from ledger.templates.currency_checks import currency_faults
from ledger.templates.language import TRANSFERS_MAX, ParameterKind, Template
from ledger.templates.leg_checks import leg_faults
from ledger.templates.uses import Use, uses


def faults_of(template: Template) -> list[str]:
    """Return every fault with its location and a correction; empty for a template that can be published."""
    if sizes := list(_sizes(template)):
        return sizes
    faults = [*_names(template, list(uses(template))), *_cycles(template.amounts)]
    for number, leg in enumerate(template.legs, 1):
        faults.extend(leg_faults(f"leg {number}", leg))
    faults.extend(_requirements(template))
    # Currencies follow the names, which must be defined and free of cycles.
    return faults or list(currency_faults(template))


def _names(template: Template, used: list[Use]) -> Iterator[str]:
    declared: dict[str, ParameterKind] = {
        **{name: parameter.kind for name, parameter in template.parameters.items()},
        **dict.fromkeys(template.amounts, ParameterKind.MONEY),
    }
    for name in sorted(template.parameters.keys() & template.amounts.keys()):
        yield f"{name} is a parameter and an amount; give one of them another name"
    for use in used:
        if not isinstance(use.term, Name):
            continue
        kind = declared.get(use.term.name)
        if kind is None:
            near = get_close_matches(use.term.name, declared, n=1)
            yield f"{use.place}: there is no {use.term}; " + (
                f"did you mean {{{near[0]}}}?" if near else "declare it under [parameters] or [amounts]"
            )
        elif kind != use.kind:
            yield f"{use.place}: {use.term} is declared as {kind}, but this place takes the kind {use.kind}"
    named = {use.term.name for use in used if isinstance(use.term, Name)}
    for what, names in (("parameter", template.parameters), ("amount", template.amounts)):
        for name in names:
            if name not in named:
                yield f"the {what} {name} is not used; use it, or leave it out"


def _cycles(amounts: Mapping[str, Amount]) -> Iterator[str]:
    done: set[str] = set()
    for start in amounts:
        way: list[str] = []
        yield from _circles(amounts, start, way, done)


def _circles(amounts: Mapping[str, Amount], name: str, way: list[str], done: set[str]) -> Iterator[str]:
    if name in way:
        yield f"amount {name}: it is computed from itself, {' of '.join([*way[way.index(name) :], name])}"
    elif name in amounts and name not in done:
        way.append(name)
        for term in operands(amounts[name]):
            if isinstance(term, Name):
                yield from _circles(amounts, term.name, way, done)
        way.pop()
        done.add(name)


def _sizes(template: Template) -> Iterator[str]:
    if not template.legs:
        yield "there is no leg; write at least one under [[legs]]"
    transfers = sum(len(leg.sources) + len(leg.destinations) - (leg.through is None) for leg in template.legs)
    if transfers > TRANSFERS_MAX:
        yield f"a call would make up to {transfers} transfers; the maximum is {TRANSFERS_MAX}"
    names = len(template.parameters) + len(template.amounts)
    if names > TRANSFERS_MAX:
        yield f"there are {names} parameters and amounts; the maximum is {TRANSFERS_MAX}"


def _requirements(template: Template) -> Iterator[str]:
    touched = {
        account
        for leg in template.legs
        for account in (leg.through, *(each.account for each in (*leg.sources, *leg.destinations)))
    }
    for number, each in enumerate(template.requirements, 1):
        if each.at_least is None and each.at_most is None:
            yield f"require {number}: write at_least, at_most or both"
        if each.account not in touched:
            yield f"require {number}: no leg touches {each.account}; require something of an account of a leg"
