"""Running a published template by name: reads it and its arguments, expands it, and posts the orders."""

from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import suppress
from datetime import date, datetime
from typing import NamedTuple

from ledger.book.posting.posting import Posted, Posting
from ledger.book.reading.transfers import transfers
from ledger.book.records.accounts import AccountKind
from ledger.book.records.transfers import TransferId
from ledger.flows.accounts import OwnAccount
from ledger.kernel.errors import InvalidInput
from ledger.kernel.ids import BookId, PartnerId, derived_id
from ledger.kernel.work import Reader
from ledger.personal_data.counterparties import sealed_orders
from ledger.public_ids import public
from ledger.templates.amounts import AmountTerm, Name
from ledger.templates.arguments import read_arguments
from ledger.templates.constants import parse_money
from ledger.templates.currency_checks import currency_of
from ledger.templates.expansion import TemplateCall, expand
from ledger.templates.language import Template
from ledger.templates.publication import declared, template_named
from ledger.vault.vault import Vault

Opening = Callable[[Collection[OwnAccount]], object]
"""Opens those of a partner's own accounts that were not used before."""


class NamedCall(NamedTuple):
    """A call of a template by name; the key identifies a resend.

    Without a version, the newest applies, or the one that the same key has already run.
    """

    book_id: BookId
    partner_id: PartnerId
    key: str
    name: str
    given: Mapping[str, object]
    version: int | None = None
    actor: str = "system"
    effective_at: datetime | None = None
    effective_on: date | None = None


def run_template(reader: Reader, posting: Posting, call: NamedCall, *, opening: Opening, vault: Vault) -> Posted:
    """Post the transfers of a template's call: all of them, or none.

    `reader` is the caller's, and sees no template of another partner; it is not used any more once `opening` is called.
    A control account that the call does not give is the partner's own, opened on first use. Raises `NotFound` and
    `InvalidArguments`.
    """
    version = call.version or _version_run(reader, call)
    published = template_named(reader, call.book_id, call.partner_id, call.name, version=version)
    template = declared(published)
    controls = dict(_controls(template, call))
    own = {name: public("account", account.account_id) for name, account in controls.items()}
    arguments = read_arguments(template, {**own, **call.given})
    orders = expand(
        template,
        TemplateCall(
            call.book_id,
            call.partner_id,
            call.key,
            published.version,
            arguments,
            actor=call.actor,
            effective_at=call.effective_at,
            effective_on=call.effective_on,
        ),
    )
    opening(controls.values())
    sealed = sealed_orders(vault, call.book_id, orders)
    return Posted(sealed, posting(sealed))


def _version_run(reader: Reader, call: NamedCall) -> int | None:
    """Return the version that this key has already run, or None."""
    first = TransferId(derived_id(call.book_id, call.partner_id, "transfer", call.key, 0))
    done = transfers(reader, call.book_id, [first]).get(first)
    name, _, version = ("" if done is None else done.transfer.template or "").rpartition("@")
    return int(version) if name == call.name else None


def _controls(template: Template, call: NamedCall) -> Iterator[tuple[str, OwnAccount]]:
    """Yield the partner's own control account for each control account that the call does not give."""
    for leg in template.legs:
        if isinstance(leg.through, Name) and leg.through.name not in call.given:
            currency = _currency(template, leg.amount, call.given)
            if currency is not None:
                own = OwnAccount(call.book_id, call.partner_id, AccountKind.CONTROL, currency)
                yield leg.through.name, own


def _currency(template: Template, term: AmountTerm, given: Mapping[str, object]) -> str | None:
    """Return the currency of an amount, from the declaration or the call, or None if the call gives no valid one."""
    fixed = currency_of(template, term)
    while fixed is None and isinstance(term, Name) and term.name in template.amounts:
        term = template.amounts[term.name].of
    if fixed is not None or not isinstance(term, Name):
        return fixed
    text = given.get(term.name)
    with suppress(InvalidInput):
        return parse_money(text).currency if isinstance(text, str) else None
    return None
