"""The canonical form of a template: the same JSON text for any form of declaration, which reads back unchanged."""

import hashlib
import json
from typing import Any

from ledger.templates.amounts import Amount, Difference, Exchange, Fee
from ledger.templates.language import Leg, Parameter, Requirement, Share, Source, Template
from ledger.templates.terms import shown


def canonical(template: Template) -> str:
    """Format the template as JSON: sorted keys, no blanks, no default values."""
    document = _with(
        name=template.name,
        about=template.about or None,
        parameters={name: _parameter(each) for name, each in template.parameters.items()} or None,
        amounts={name: _amount(each) for name, each in template.amounts.items()} or None,
        legs=[_leg(leg) for leg in template.legs],
        require=[_requirement(each) for each in template.requirements] or None,
    )
    return json.dumps(document, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def declared_hash(declaration: str) -> bytes:
    """Return the SHA-256 of a canonical form."""
    return hashlib.sha256(declaration.encode()).digest()


def _with(**values: Any) -> dict[str, Any]:
    return {key: value for key, value in values.items() if value is not None}


def _parameter(parameter: Parameter) -> str:
    return parameter.kind if parameter.currency is None else f"{parameter.kind} {parameter.currency}"


def _amount(amount: Amount) -> dict[str, Any]:
    if isinstance(amount, Fee):
        return _with(
            of=shown(amount.of),
            basis_points=amount.basis_points,
            rounding=amount.rounding,
            plus_minor=amount.plus_minor or None,
            at_least_minor=amount.at_least_minor or None,
            at_most_minor=amount.at_most_minor,
        )
    if isinstance(amount, Difference):
        return _with(of=shown(amount.of), minus=[shown(term) for term in amount.minus])
    assert isinstance(amount, Exchange)
    return _with(of=shown(amount.of), rate=shown(amount.rate), currency=amount.currency, rounding=amount.rounding)


def _leg(leg: Leg) -> dict[str, Any]:
    return _with(
        amount=shown(leg.amount),
        code=leg.code,
        **{"from": _parties(leg.sources)},
        to=_parties(leg.destinations),
        through=leg.through and shown(leg.through),
        rate=leg.rate and shown(leg.rate),
        reference=leg.reference and shown(leg.reference),
        counterparty=leg.counterparty and shown(leg.counterparty),
    )


def _parties(parties: tuple[Share | Source, ...]) -> Any:
    if len(parties) == 1 and isinstance(parties[0], Share) and parties[0].rest:
        return shown(parties[0].account)
    return [_share(party) if isinstance(party, Share) else _source(party) for party in parties]


def _share(share: Share) -> dict[str, Any]:
    return _with(
        account=shown(share.account),
        weight=share.weight,
        basis_points=share.basis_points,
        amount=share.amount and shown(share.amount),
        rest=share.rest or None,
    )


def _source(source: Source) -> dict[str, Any]:
    return _with(
        account=shown(source.account),
        keep=source.keep and shown(source.keep),
        at_most=source.at_most and shown(source.at_most),
        unbounded=source.unbounded or None,
    )


def _requirement(requirement: Requirement) -> dict[str, Any]:
    return _with(
        account=shown(requirement.account),
        measure=requirement.measure,
        at_least=requirement.at_least and shown(requirement.at_least),
        at_most=requirement.at_most and shown(requirement.at_most),
    )
