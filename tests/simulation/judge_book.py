"""The pure judge as a subject: one state in memory that every batch changes, and no store."""

from datetime import UTC, datetime, timedelta
from random import Random
from uuid import UUID

from ledger.book.judging.judge import Verdict, judge
from ledger.book.judging.orders import AS_HELD, WHOLE_HOLD, Terms, TransferOrder
from ledger.book.judging.results import Result
from ledger.book.judging.state import AccountState, ActiveMonitor, BookState
from ledger.book.records.accounts import Frozen, Side
from ledger.book.records.monitors import Comparison, Measure
from ledger.book.records.transfers import Kind
from ledger.kernel.ids import derived_id
from tests.laws.naive_book import Account, Monitor, NaiveBook
from tests.simulation.cast import name_of


class JudgeBook:
    """A book that is nothing but the judge's state, its position, and the time of its newest fact."""

    def __init__(self) -> None:
        self.partners: dict[UUID, int] = {}
        self.actors: set[str] = set()
        self.state = BookState({}, partners=self.partners)
        self.position = 0
        self.time = datetime.min.replace(tzinfo=UTC)

    def add_partner(self, partner_id: UUID, now) -> None:
        self._fact(now)
        self.partners[partner_id] = len(self.partners) + 1

    def open_account(self, account_id: UUID, account: Account, now) -> None:
        self._fact(now)
        terms = {**account.__dict__, "normal_side": Side(account.normal_side), "frozen": Frozen(account.frozen)}
        partner_no = self.partners[account.partner_id]
        self.state.accounts[account_id.int] = AccountState(
            account_id, len(self.state.accounts) + 1, partner_no=partner_no, **terms
        )

    def set_terms(self, account_id: UUID, now, **terms) -> None:
        self._fact(now)
        for name, value in terms.items():
            setattr(self.state.accounts[account_id.int], name, Frozen(value) if name == "frozen" else value)

    def add_monitor(self, monitor: Monitor, now) -> None:
        self._fact(now)
        account = self.state.accounts[monitor.account_id.int]
        condition = Measure(monitor.measure), Comparison(monitor.comparison), monitor.threshold
        account.watches = (*account.watches, ActiveMonitor(monitor.monitor_id, *condition))

    def end_monitor(self, monitor: Monitor, now) -> None:
        self._fact(now)
        account = self.state.accounts[monitor.account_id.int]
        account.watches = tuple(watch for watch in account.watches if watch.monitor_id != monitor.monitor_id)

    def close_period(self, upto, now) -> None:
        self._fact(now)
        self.state.closed_until_on = max(upto, self.state.closed_until_on or upto)

    def post(self, _writer: int, orders: list, now) -> list[str]:
        now = max(now, self.time + timedelta(microseconds=1))
        swept = judge(self.state, self._due(now), now=now)
        assert all(verdict.result is Result.CREATED for verdict in swept)
        verdicts = judge(self.state, orders, now=now)
        written = self._number([*swept, *verdicts])
        self.position += written
        self.time = now if written else self.time
        return [str(verdict.result) for verdict in verdicts]

    def crash(self, _writer: int, _orders: list, _now) -> bool:
        return False

    def forget(self, _writer: int) -> None:
        pass

    def faults(self, model: NaiveBook, _chance: Random) -> list[str]:
        faults = [f"position {self.position}, not {model.position}"] if self.position != model.position else []
        for account in self.state.accounts.values():
            if account.sums != model.balance(account.account_id):
                expected = model.balance(account.account_id)
                faults.append(f"{name_of(account.account_id)} has {account.sums}, not {expected}")
        standing = {hold.order.transfer_id for hold in self.state.holds.values() if hold.ended_by is None}
        if standing != {hold.order.transfer_id for hold in model.open_holds()}:
            faults.append("other holds stand")
        return faults

    def _due(self, now) -> list:
        standing = [hold for hold in self.state.holds.values() if hold.ended_by is None]
        due = [(hold.expires_at, place, hold) for place, hold in enumerate(standing) if hold.expires_at]
        return [
            TransferOrder(
                derived_id("expiry", hold.order.transfer_id),
                hold.order.partner_id,
                AS_HELD,
                AS_HELD,
                WHOLE_HOLD,
                "",
                "",
                terms=Terms(kind=Kind.EXPIRY, hold_id=hold.order.transfer_id),
            )
            for at, _, hold in sorted(due, key=lambda each: each[:2])
            if at <= now
        ]

    def _number(self, verdicts: list[Verdict]) -> int:
        """How many positions they take: one a transfer or lasting refusal, more for each who saw it and new actors."""
        written = [each for each in verdicts if each.refused_hash is not None or each.result is Result.CREATED]
        fresh = {verdict.order.actor for verdict in written} - self.actors
        self.actors |= fresh
        return len(fresh) + sum(1 + len(verdict.effect.triggers if verdict.effect else ()) for verdict in written)

    def _fact(self, now) -> None:
        self.time = max(now, self.time + timedelta(microseconds=1))
        self.position += 1
