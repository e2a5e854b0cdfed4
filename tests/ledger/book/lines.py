"""The lines of a ledger case that ask for a transfer: how each is read as an order."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from ledger.book.judging.orders import AS_HELD, PLAIN, WHOLE_HOLD, Condition, Terms, TransferOrder
from ledger.book.records.accounts import AccountId, Side
from ledger.book.records.monitors import Measure
from ledger.book.records.transfers import Balancing, GroupId, Kind, TransferId
from ledger.kernel.ids import BookId, PartnerId, derived_id
from ledger.kernel.money import Money

BETWEEN = {"move": Kind.TRANSFER, "linked": Kind.TRANSFER, "upto": Kind.TRANSFER, "hold": Kind.HOLD}
"""Verbs of a line `D -> C AMOUNT [ID] ...`."""

ENDING = {"post": Kind.POST, "void": Kind.VOID, "expire": Kind.EXPIRY}
"""Verbs of a line `HOLD [AMOUNT] [ID] ...`."""

Read = Callable[[str], Any]
"""How a word behind the amount is read."""

VERBS = {*BETWEEN, *ENDING, "reverse", "close", "reopen"}
"""Every verb that asks for a transfer."""

FLAGS = {"linked", "forced", "imported", "across"}

_CONDITION = re.compile(r"(debit|credit)\.(available|posted|pending)(<=|>=)(\S+)")


@dataclass
class Line:
    """A line in its parts: plain words, `name=value` words, conditions, flags, and the result that it must have."""

    verb: str
    words: list[str]
    said: dict[str, str]
    conditions: list[str]
    flags: set[str]
    expected: str

    @classmethod
    def of(cls, text: str) -> "Line":
        verb, *words, expected = text.split()
        conditions = [word for word in words if _CONDITION.fullmatch(word)]
        said = dict(word.split("=") for word in words if "=" in word and word not in conditions)
        flags = {word for word in words if word in FLAGS} | ({"linked"} if verb == "linked" else set())
        plain = [word for word in words if "=" not in word and word not in FLAGS and word != "->"]
        return cls(verb, plain, said, conditions, flags, {"ok": "created"}.get(expected, expected))


class Orders:
    """Reads lines as orders of one book; remembers each by its name, so that later lines can speak of it."""

    def __init__(self, book_id: BookId, partners: dict[str, PartnerId]) -> None:
        self.book_id, self.partners = book_id, partners
        self.currencies: dict[str, str] = {}
        self.asked: dict[str, TransferOrder] = {}
        self._unnamed = 0

    def account_id(self, name: str) -> AccountId:
        return AccountId(derived_id(self.book_id, self.partners["shop"], name))

    def transfer_id(self, name: str) -> TransferId:
        special = {"zero": UUID(int=0), "max": UUID(int=2**128 - 1)}
        return TransferId(special.get(name) or derived_id(self.book_id, "transfer", name))

    def minor(self, amount: str, currency: str) -> int:
        """An amount in minor units; `2^63` is one more than the largest."""
        return 2**63 if amount == "2^63" else Money.parse(amount, currency).minor

    def read(self, line: Line, group_id: GroupId | None) -> TransferOrder:
        name, order = self._closing(line) if line.verb in ("close", "reopen") else self._asked(line)
        order = self._with_rest(line, order)._replace(group_id=group_id)
        if order.terms == PLAIN:
            order = order._replace(terms=PLAIN)
        self.asked.setdefault(name, order)
        return order

    def _asked(self, line: Line) -> tuple[str, TransferOrder]:
        if line.verb in BETWEEN:
            debit, credit, amount, *named = line.words
            kind, name = BETWEEN[line.verb], self._name(named)
            side = Balancing(line.said.get("side", "debit")) if line.verb == "upto" else None
            order = self._order(name, debit, credit, amount=amount, terms=Terms(kind=kind, balancing=side))
        elif line.verb in ENDING:
            hold, *rest = line.words
            amount = rest.pop(0) if rest and rest[0][0] in "-0123456789" else None
            name, held = self._name(rest), self.asked.get(hold)
            currency = held.currency if held is not None else "USD"
            terms = Terms(kind=ENDING[line.verb], hold_id=None if hold == "nothing" else self.transfer_id(hold))
            minor = WHOLE_HOLD if amount is None else self.minor(amount, currency)
            shop = self.partners["shop"]
            order = TransferOrder(self.transfer_id(name), shop, AS_HELD, AS_HELD, minor, "", "", terms=terms)
        else:
            first, *rest = line.words
            back = self.asked[first]
            name = self._name(rest)
            order = back._replace(
                transfer_id=self.transfer_id(name),
                debit_account_id=back.credit_account_id,
                credit_account_id=back.debit_account_id,
                terms=Terms(reverses=back.transfer_id),
            )
        return name, order

    def _closing(self, line: Line) -> tuple[str, TransferOrder]:
        """A closing is a hold of nothing that closes its debit side, and voiding it reopens the account."""
        account, *rest = line.words
        closing = f"closing-{account}"
        if line.verb == "close":
            terms = Terms(kind=Kind.HOLD, closes=Side.DEBIT)
            world = f"world-{self.currencies[account]}"
            return closing, self._order(rest[0] if rest else closing, account, world, amount="0", terms=terms)
        name = self._name(rest)
        terms = Terms(kind=Kind.VOID, hold_id=self.asked[closing].transfer_id)
        shop = self.partners["shop"]
        return name, TransferOrder(self.transfer_id(name), shop, AS_HELD, AS_HELD, WHOLE_HOLD, "", "", terms=terms)

    def _order(self, name: str, debit: str, credit: str, *, amount: str, terms: Terms) -> TransferOrder:
        currency = self.currencies.get(debit, "USD")
        return TransferOrder(
            self.transfer_id(name),
            self.partners["shop"],
            self.account_id(debit),
            self.account_id(credit),
            self.minor(amount, currency),
            currency,
            "test",
            terms=terms,
        )

    def _with_rest(self, line: Line, order: TransferOrder) -> TransferOrder:
        """What stands behind the amount: fields of an order, and fields of its terms."""
        currency = self.currencies.get(line.words[0], "USD")
        of_order: dict[str, tuple[str, Read]] = {
            **{word: (word, str) for word in ("currency", "code", "tags", "counterparty")},
            "ref": ("external_ref", str),
            "by": ("partner_id", self._partner_id),
            "on": ("effective_at", lambda day: datetime.fromisoformat(day).replace(tzinfo=UTC)),
            "debit": ("debit_account_id", self.account_id),
            "credit": ("credit_account_id", self.account_id),
        }
        of_terms: dict[str, tuple[str, Read]] = {
            "rate": ("rate", str),
            "timeout": ("timeout_s", int),
            "size": ("group_size", int),
            "keep": ("keep_minor", lambda amount: self.minor(amount, currency)),
            "closes": ("closes", Side),
            "hold": ("hold_id", self.transfer_id),
            "balancing": ("balancing", Balancing),
            "reverses": ("reverses", self.transfer_id),
        }
        changes = {field: as_is(line.said[word]) for word, (field, as_is) in of_order.items() if word in line.said}
        more = {field: as_is(line.said[word]) for word, (field, as_is) in of_terms.items() if word in line.said}
        more |= {f"is_{flag}": True for flag in ("forced", "imported") if flag in line.flags}
        if line.conditions:
            more["conditions"] = tuple(self._condition(text, currency) for text in line.conditions)
        order = order._replace(across_partners="across" in line.flags, **changes)
        return order._replace(terms=order.terms._replace(**more)) if more else order

    def _partner_id(self, name: str) -> PartnerId:
        return self.partners.get(name, PartnerId(derived_id("partner", name)))

    def _condition(self, text: str, currency: str) -> Condition:
        found = _CONDITION.fullmatch(text)
        assert found is not None
        side, measure, comparison, amount = found.groups()
        bound = self.minor(amount, currency)
        at_least, at_most = (bound, None) if comparison == ">=" else (None, bound)
        return Condition(Side(side), Measure(measure), at_least, at_most)

    def _name(self, words: list[str]) -> str:
        if words:
            return words[0]
        self._unnamed += 1
        return f"unnamed-{self._unnamed}"
