"""The simulation: seeded random steps on the naive model and on a subject, which must never differ."""

from collections import deque
from datetime import timedelta
from random import Random
from typing import Protocol
from uuid import UUID

from tests.laws.naive_book import Account, Monitor, NaiveBook
from tests.simulation.cast import ACCOUNTS, LATE, RIVAL, SHOP, START, WRITERS, account_id, name_of, order_line
from tests.simulation.chance import Orders

SHOWN = 60
"""How many of the last lines a failure prints."""

JUMPS_S = (*(1, 2, 11, 61, 3601) * 4, 86_400, 40 * 86_400, -1, -10, -3600)


class Subject(Protocol):
    """What is held against the model. A writer is one process that posts; it may be lost, with all that it knows."""

    def add_partner(self, partner_id: UUID, now) -> None: ...
    def open_account(self, account_id: UUID, account: Account, now) -> None: ...
    def set_terms(self, account_id: UUID, now, **terms) -> None: ...
    def add_monitor(self, monitor: Monitor, now) -> None: ...
    def end_monitor(self, monitor: Monitor, now) -> None: ...
    def close_period(self, upto, now) -> None: ...
    def post(self, writer: int, orders: list, now) -> list[str]: ...
    def crash(self, writer: int, orders: list, now) -> bool:
        """Lose a writer while it posts; whether the batch was written all the same."""

    def forget(self, writer: int) -> None: ...
    def faults(self, model: NaiveBook, chance: Random) -> list[str]:
        """In what the stored book is not the model's."""


class Difference(AssertionError):
    """The subject and the model differ, or the subject broke."""


class Simulation:
    """One seed: a book from its opening on."""

    def __init__(self, seed: int, subject: Subject, model: NaiveBook) -> None:
        self.seed, self.subject, self.model = seed, subject, model
        self.chance = Random(seed)
        self.now = START
        self.lines: deque[str] = deque(maxlen=SHOWN)
        for partner_id in (SHOP, RIVAL):
            self._both("add_partner", partner_id)
        for name, account in ACCOUNTS.items():
            self._both("open_account", account_id(name), account)
        self.orders = Orders(self.chance, model)
        self.monitors = 0
        self.late = list(LATE)
        self.unanswered: list[list] = []

    def run(self, steps: int) -> None:
        """So many steps; a difference is raised with the seed and the last lines."""
        kinds = {
            self._post: 70,
            self._jump: 12,
            self._crash: 5,
            self._forget: 3,
            self._open: 1,
            self._terms: 7,
            self._monitor: 5,
            self._period: 1,
            self._check: 4,
        }
        try:
            for step in self.chance.choices(tuple(kinds), tuple(kinds.values()), k=steps):
                self.now += timedelta(milliseconds=self.chance.randint(0, 500))
                step()
            self._check()
        except Exception as fault:
            again = f"SEED={self.seed} STEPS={steps} python -m pytest tests/simulation -q"
            told = "\n".join(("", *self.lines, f"{type(fault).__name__}: {fault}", f"seed {self.seed}: {again}"))
            raise Difference(told) from fault

    def _post(self) -> None:
        writer, orders = self._writer(), self._batch()
        expected = self.model.post(orders, self.now)
        self.lines.append(f"writer {writer} at {self.now.isoformat()} posts {len(orders)}, up to {self.model.position}")
        self.lines += [f"    {order_line(order)}  {code}" for order, code in zip(orders, expected, strict=True)]
        found = self.subject.post(writer, orders, self.now)
        for order, code, other in zip(orders, expected, found, strict=True):
            assert code == other, f"{order_line(order)}: the model says {code}, the subject {other}"

    def _jump(self) -> None:
        self.now += timedelta(seconds=self.chance.choice(JUMPS_S))
        self.lines.append(f"the clock says {self.now.isoformat()}")

    def _crash(self) -> None:
        """A writer ends while it posts: all of the batch is there, or nothing; its caller sends again some day."""
        writer, orders = self._writer(), self._batch()
        if self.subject.crash(writer, orders, self.now):
            self.model.post(orders, self.now)
        self.lines.append(
            f"writer {writer} at {self.now.isoformat()} crashed with {len(orders)}, {self.model.position}"
        )
        self.lines += [f"    {order_line(order)}  unanswered" for order in orders]
        self.unanswered.append(orders)

    def _forget(self) -> None:
        writer = self._writer()
        self.subject.forget(writer)
        self.lines.append(f"writer {writer} starts anew")

    def _open(self) -> None:
        if self.late:
            name = self.late.pop()
            self._both("open_account", account_id(name), LATE[name])

    def _terms(self) -> None:
        pick = self.chance.choice
        name = pick("ABCDF")
        terms = pick(
            (
                {"frozen": "none"},
                {"frozen": "none"},
                {"frozen": pick(("debits", "credits", "all"))},
                {"credit_line_minor": pick((0, 5, 20))},
                {"debits_within_credits": pick((True, True, False))},
            )
        )
        self._both("set_terms", account_id(name), **terms)

    def _monitor(self) -> None:
        if self.model.monitors and self.chance.random() < 0.3:
            self._both("end_monitor", self.chance.choice(self.model.monitors))
            return
        self.monitors += 1
        pick = self.chance.choice
        account = account_id(pick("ABCDW"))
        condition = pick(("available", "posted", "pending")), pick(("below", "above")), pick((0, 5, 10, 20))
        self._both("add_monitor", Monitor(UUID(int=2000 + self.monitors), account, *condition))

    def _period(self) -> None:
        upto = (self.model.time - timedelta(days=self.chance.choice((2, 30, 300)))).date()
        if upto > self.model.closed_upto:
            self._both("close_period", upto)

    def _check(self) -> None:
        faults = self.subject.faults(self.model, self.chance)
        assert not faults, "\n".join(faults)

    def _both(self, name: str, *values, **terms) -> None:
        told = " ".join(name_of(value) if isinstance(value, UUID) else str(value) for value in values)
        self.lines.append(f"{name} {told} {terms or ''}")
        getattr(self.model, name)(*values, self.now, **terms)
        getattr(self.subject, name)(*values, self.now, **terms)

    def _writer(self) -> int:
        return self.chance.randrange(WRITERS)

    def _batch(self) -> list:
        """Something new as a rule; now and then what was not answered is sent again."""
        self.orders.now = self.now
        if self.unanswered and self.chance.random() < 0.2:
            return self.unanswered.pop(self.chance.randrange(len(self.unanswered)))
        return self.orders.batch()
