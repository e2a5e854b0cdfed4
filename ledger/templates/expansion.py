"""Expands a template into linked orders: the same template, arguments and key always give the same orders."""

from datetime import date, datetime
from typing import NamedTuple

from ledger.book.judging.orders import Condition, Terms, TransferOrder
from ledger.book.records.accounts import Side
from ledger.book.records.transfers import GroupId, TransferId
from ledger.kernel.ids import BookId, PartnerId, derived_id
from ledger.kernel.money import MINOR_MAX, Money
from ledger.templates.amounts import AmountTerm
from ledger.templates.arguments import Arguments
from ledger.templates.errors import InvalidArguments
from ledger.templates.language import Leg, Requirement, Template
from ledger.templates.moves import Move, moves
from ledger.templates.terms import shown
from ledger.templates.valuation import Valuation, valued


class TemplateCall(NamedTuple):
    """A call of a published template; ids follow from the key, so that a second call with it is a resend."""

    book_id: BookId
    partner_id: PartnerId
    key: str
    version: int
    arguments: Arguments
    actor: str = "system"
    effective_at: datetime | None = None
    effective_on: date | None = None


def expand(template: Template, call: TemplateCall) -> list[TransferOrder]:
    """Return the orders of a call, linked as one group if there are several. Raises `InvalidArguments`."""
    assert call.arguments.keys() == template.parameters.keys(), "arguments are read by `read_arguments`"
    valuation = valued(template, call.arguments)
    planned = [_Planned(leg, move) for leg in template.legs for move in moves(leg, valuation)]
    if not planned:
        raise InvalidArguments(["every amount is zero; give amounts that move something"])
    for requirement in template.requirements:
        _require(planned, requirement, valuation)
    linked = _Linked(call, f"{template.name}@{call.version}", len(planned))
    return [_order(linked, at, each, valuation) for at, each in enumerate(planned)]


class _Linked(NamedTuple):
    """The values that the orders of a call have in common."""

    call: TemplateCall
    template: str
    size: int


class _Planned(NamedTuple):
    """A move with the leg that it belongs to."""

    leg: Leg
    move: Move


def _require(planned: list[_Planned], requirement: Requirement, valuation: Valuation) -> None:
    """Attach a requirement to the last move on its account."""
    account, name = valuation.account(requirement.account), shown(requirement.account)
    touching = [at for at, each in enumerate(planned) if account in (each.move.debit, each.move.credit)]
    if not touching:
        raise InvalidArguments([f"no transfer of this call touches {name}, which a requirement names"])
    leg, move = planned[touching[-1]]
    condition = Condition(
        Side.DEBIT if move.debit == account else Side.CREDIT,
        requirement.measure,
        at_least=_bound(requirement.at_least, move.money, valuation),
        at_most=_bound(requirement.at_most, move.money, valuation),
    )
    planned[touching[-1]] = _Planned(leg, move._replace(conditions=(*move.conditions, condition)))


def _bound(term: AmountTerm | None, moved: Money, valuation: Valuation) -> int | None:
    if term is None:
        return None
    bound = valuation.money(term)
    if bound.currency != moved.currency:
        raise InvalidArguments([f"{bound} bounds an account in {moved.currency}; give an amount in {moved.currency}"])
    return bound.minor


def _order(linked: _Linked, at: int, planned: _Planned, valuation: Valuation) -> TransferOrder:
    """Make one order of a call; its id is that of a plain request with the same key, so that no key is used twice."""
    call, size, (leg, move) = linked.call, linked.size, planned
    assert move.money.minor > 0, "a move of nothing is left out"
    if move.money.minor > MINOR_MAX:
        raise InvalidArguments([f"{move.money} is larger than the ledger holds ({MINOR_MAX} minor units)"])
    # The size is part of the group's id: a resend with fewer transfers is a different request.
    group = GroupId(derived_id(call.book_id, call.partner_id, "group", call.key, size)) if size > 1 else None
    return TransferOrder(
        transfer_id=TransferId(derived_id(call.book_id, call.partner_id, "transfer", call.key, at)),
        partner_id=call.partner_id,
        debit_account_id=move.debit,
        credit_account_id=move.credit,
        amount_minor=move.money.minor,
        currency=move.money.currency,
        code=leg.code,
        effective_at=call.effective_at,
        effective_on=call.effective_on,
        external_ref=valuation.text(leg.reference),
        group_id=group,
        counterparty=valuation.text(leg.counterparty),
        actor=call.actor,
        terms=Terms(
            balancing=move.balancing,
            keep_minor=move.keep_minor,
            conditions=move.conditions,
            group_size=size if group else 0,
            rate=valuation.text(leg.rate),
            template=linked.template,
        ),
    )
