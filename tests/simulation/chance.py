"""Random orders that collide: few accounts, small amounts, ids that come again, holds that are known."""

from datetime import timedelta
from random import Random
from uuid import UUID

from ledger.book.judging.orders import WHOLE_HOLD, Condition, Terms, TransferOrder
from ledger.book.records.accounts import Side
from ledger.book.records.monitors import Measure
from ledger.book.records.transfers import Balancing, Kind
from tests.laws.naive_book import NaiveBook
from tests.simulation.cast import ACCOUNTS, LATE, RIVAL, SHOP, STRANGER, ZERO, account_id

AMOUNTS = (0, 1, 1, 2, 3, 5, 8, 13, 21)
HUGE = (WHOLE_HOLD, WHOLE_HOLD - 1, 2**62, 2**63, 5)


class Orders:
    """Draws batches; looks at the model to meet what is there, and remembers what it asked."""

    def __init__(self, chance: Random, model: NaiveBook) -> None:
        self.chance = chance
        self.model = model
        self.asked: list[list] = []
        self.numbers = 0
        self.now = model.time

    def batch(self) -> list:
        """Up to 30 orders, grouped here and there; sometimes a batch that was sent before, or parts of one."""
        if self.asked and self.chance.random() < 0.08:
            return self._again()
        made: list = []
        imported = self.chance.random() < 0.03
        size = self.chance.choice((0, 1, 1, 2, 3, 5, 8, 13, 30))
        while len(made) < size:
            made += self._group() if self.chance.random() < 0.15 else [self._order()]
        made = [self._imported(order) for order in made] if imported else made
        if made:
            self.asked.append(made)
        return made

    def _again(self) -> list:
        batch = self.chance.choice(self.asked[-20:])
        start = self.chance.randrange(len(batch))
        return self.chance.choice((batch, batch[start:], batch[: start + 1], batch + batch))

    def _group(self) -> list:
        self.numbers += 1
        size = self.chance.randint(1, 4)
        group_id = UUID(int=10**9 + self.numbers)
        declared = self.chance.choice((0, 0, size, size, size + 1))
        members = [self._order() for _ in range(size)]
        members = [
            order._replace(group_id=group_id, terms=order.terms._replace(group_size=declared)) for order in members
        ]
        return members * 2 if self.chance.random() < 0.1 else members

    def _order(self):
        if self.asked and self.chance.random() < 0.1:
            return self._resend()
        draw = self.chance.choices((self._move, self._end, self._huge, self._odd), (64, 27, 4, 5))[0]
        return draw()

    def _move(self):
        debit, credit = self._sides()
        currency = (ACCOUNTS | LATE)[debit].currency
        if self.chance.random() < 0.02:
            currency = self.chance.choice(("USD", "EUR"))
        order = self._plain(debit, credit, self.chance.choice(AMOUNTS), currency)
        terms = Terms(
            kind=Kind.HOLD if self.chance.random() < 0.3 else Kind.TRANSFER,
            balancing=self._rarely(0.1, *Balancing),
            conditions=self._conditions(0.06),
            is_forced=self.chance.random() < 0.02,
        )
        if terms.kind is Kind.HOLD:
            terms = terms._replace(timeout_s=self._rarely(0.5, 1, 10, 60, 3600) or 0, closes=self._rarely(0.03, *Side))
        else:
            terms = terms._replace(reverses=self._rarely(0.05, self._known_id(), self._reversed_id()))
        if terms.balancing in (Balancing.DEBIT, Balancing.BOTH) and self.chance.random() < 0.3:
            terms = terms._replace(keep_minor=self.chance.randint(1, 5))
        return order._replace(terms=terms)

    def _end(self):
        """A post or void: mostly of an open hold, mostly naming nothing that the hold knows already."""
        open_holds = self.model.open_holds()
        closing = [hold for hold in open_holds if hold.order.terms.closes]
        if closing and self.chance.random() < 0.3:
            hold, kind = self.chance.choice(closing), Kind.VOID
        elif open_holds and self.chance.random() < 0.7:
            hold, kind = self.chance.choice(open_holds), self.chance.choice((Kind.POST, Kind.POST, Kind.VOID))
        else:
            hold, kind = None, self.chance.choice((Kind.POST, Kind.VOID))
        hold_id = hold.order.transfer_id if hold else self._known_id()
        held = hold.amount if hold else 5
        amount = self.chance.choice((WHOLE_HOLD, WHOLE_HOLD, held, held // 2 if kind is Kind.POST else 0, 3))
        order = self._plain("A", "B", amount, "")
        across = self.chance.random() < 0.2
        order = order._replace(debit_account_id=ZERO, credit_account_id=ZERO, code="", across_partners=across)
        if hold and self.chance.random() < 0.2:
            named = {"debit_account_id": hold.debit_id, "credit_account_id": hold.credit_id}
            order = order._replace(**named, currency=hold.currency, code=hold.code)
        if self.chance.random() < 0.05:
            order = self._changed(order)
        return order._replace(terms=Terms(kind=kind, hold_id=hold_id, conditions=self._conditions(0.03)))

    def _huge(self):
        debit, credit = self.chance.sample(("X", "Y"), 2)
        kind = self.chance.choice((Kind.TRANSFER, Kind.HOLD))
        return self._plain(debit, credit, self.chance.choice(HUGE), "USD")._replace(terms=Terms(kind=kind))

    def _odd(self):
        """An order with one or two things wrong or rare."""
        order = self._move() if self.chance.random() < 0.6 else self._end()
        for _ in range(self.chance.randint(1, 2)):
            order = self._changed(order)
        return order

    def _resend(self):
        order = self.chance.choice(self.chance.choice(self.asked[-20:]))
        for _ in range(self.chance.choice((0, 0, 1, 1, 2))):
            order = self._changed(order)
        return order

    def _changed(self, order):
        """The order with one field drawn anew, be it sound or not."""
        pick = self.chance.choice
        terms, now = order.terms, self.now
        fields = {
            "transfer_id": lambda: pick((ZERO, UUID(int=2**128 - 1), self._known_id())),
            "debit_account_id": lambda: pick((ZERO, account_id(pick(tuple(ACCOUNTS))), account_id("Z"))),
            "credit_account_id": lambda: pick((ZERO, account_id(pick(tuple(ACCOUNTS))), account_id("Z"))),
            "amount_minor": lambda: pick((-1, 0, order.amount_minor + 1, max(order.amount_minor - 1, 0))),
            "currency": lambda: pick(("USD", "EUR", "")),
            "code": lambda: pick(("fee", "test")),
            "partner_id": lambda: pick((SHOP, RIVAL, STRANGER)),
            "effective_at": lambda: now + timedelta(hours=pick((-9500, -8800, -2000, -48, -1, 0, 0, 5000))),
            "external_ref": lambda: pick((None, "ref-1", "ref-2")),
            "counterparty": lambda: pick((None, "s1.Ann", "s1.Bob")),
            "tags": lambda: pick((None, "red", "red blue")),
            "across_partners": lambda: True,
            "terms": lambda: terms._replace(**self._changed_terms(terms)),
        }
        name = pick((*fields, "terms", "terms", "terms", "effective_at"))
        return order._replace(**{name: fields[name]()})

    def _changed_terms(self, terms) -> dict:
        pick = self.chance.choice
        return pick(
            (
                {"kind": pick(tuple(Kind))},
                {"hold_id": pick((None, self._known_id()))},
                {"timeout_s": pick((0, 5, -1, 2**31))},
                {"balancing": pick((None, Balancing.DEBIT, Balancing.BOTH))},
                {"keep_minor": pick((-1, 0, 2))},
                {"closes": pick((None, None, Side.DEBIT))},
                {"conditions": self._conditions(0.9)},
                {"group_size": pick((0, 1, 2))},
                {"reverses": pick((None, self._known_id()))},
                {"is_forced": not terms.is_forced},
                {"is_imported": not terms.is_imported},
            )
        )

    def _imported(self, order):
        """History: with a time, mostly rising, mostly without timeouts; now and then a live order among it."""
        self.numbers += 1
        if self.chance.random() < 0.03:
            return order
        back = timedelta(hours=self.chance.choice((0, 0, 0, 1)))
        effective_at = self.model.time - timedelta(days=300) + timedelta(minutes=self.numbers) - back
        timeout_s = order.terms.timeout_s if self.chance.random() < 0.05 else 0
        terms = order.terms._replace(is_imported=True, timeout_s=timeout_s)
        return order._replace(effective_at=effective_at, terms=terms)

    def _plain(self, debit: str, credit: str, amount: int, currency: str):
        self.numbers += 1
        fresh = UUID(int=10_000 + self.numbers)
        transfer_id = fresh if self.chance.random() < 0.96 else self._known_id()
        sides = account_id(debit), account_id(credit)
        return TransferOrder(transfer_id, SHOP, *sides, amount, currency, self._code(), actor=self._actor())

    def _sides(self) -> tuple[str, str]:
        if self.chance.random() < 0.04:
            return self.chance.choice((("A", "R"), ("R", "A"), ("A", "A"), ("A", "E"), ("W", "R")))
        if self.chance.random() < 0.12:
            return self.chance.choice((("E", "F"), ("F", "E")))
        if self.chance.random() < 0.04:
            return self.chance.choice("WA"), self.chance.choice("GH")
        if self.chance.random() < 0.04:
            return self.chance.choice("GH"), self.chance.choice("BC")
        if self.chance.random() < 0.35:
            return "W", self.chance.choice("ABCD")
        return tuple(self.chance.sample("ABCDW", 2))

    def _known_id(self) -> UUID:
        return UUID(int=10_000 + self.chance.randint(1, max(self.numbers, 1)))

    def _reversed_id(self) -> UUID:
        """What a reversal stands against already, where there is one."""
        orders = [known.order for known in self.model.transfers.values() if known.order]
        done = [order.terms.reverses for order in orders if order.terms.reverses]
        return self.chance.choice(done) if done else self._known_id()

    def _conditions(self, probability: float) -> tuple[Condition, ...]:
        """Mostly none; now and then one, rarely two."""
        count = self.chance.choice((1, 1, 1, 2)) if self.chance.random() < probability else 0
        return tuple(self._condition() for _ in range(count))

    def _condition(self) -> Condition:
        pick = self.chance.choice
        bounds = pick(((0, None), (None, 20), (1, 15), (-5, None)))
        return Condition(pick(tuple(Side)), pick(tuple(Measure)), *bounds)

    def _actor(self) -> str:
        return self.chance.choice(("system", "system", "key-1", f"key-{self.numbers // 100}"))

    def _code(self) -> str:
        return "test" if self.chance.random() < 0.9 else "fee"

    def _rarely(self, probability: float, *choices):
        return self.chance.choice(choices) if self.chance.random() < probability else None
