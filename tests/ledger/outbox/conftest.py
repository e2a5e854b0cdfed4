"""A partner whose monitor triggers as often as is asked for, and who takes calls at endpoints."""

import json
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

import pytest
import sqlalchemy as sa

from ledger.book.accounts.monitors import MonitorOrder, begin_monitor
from ledger.book.audits.audit import derived
from ledger.book.posting.committer import Committer
from ledger.book.records.monitors import Comparison, Measure
from ledger.flows.deliveries import Outbox as Sending
from ledger.flows.deliveries import claim_deliveries, record_attempts
from ledger.flows.registry import CONSUMERS, PROJECTION_DERIVATIONS
from ledger.journal.consumers import advance
from ledger.kernel.work import begin, read
from ledger.outbox.calls import Answer, Attempt, calls
from ledger.outbox.endpoints import EndpointSettings, endpoint, endpoint_id_of, register_endpoint, step_endpoint
from ledger.outbox.records import CallFault, EndpointState
from ledger.vault.vault import Vault
from tests.ledger.conftest import Shop

HOOK = "https://shop.example/hook"


class Sent(NamedTuple):
    """What the other side gets of a call."""

    address: str
    key: str
    headers: dict
    body: bytes

    @classmethod
    def of(cls, delivery, now):
        return cls(delivery.endpoint.address, delivery.webhook_id, delivery.headers(now), delivery.body)

    @property
    def message(self):
        return json.loads(self.body)


@dataclass
class Outbox:
    """The outbox of a shop: what the background of the API does, step by step, at a clock of the test's."""

    shop: Shop
    committer: Committer
    vault: Vault
    now: datetime = field(default_factory=lambda: datetime.now(UTC) + timedelta(minutes=1))

    @property
    def engine(self) -> sa.Engine:
        return self.shop.engine

    @property
    def book_id(self):
        return self.shop.book_id

    def record(self, book_id, facts):
        assert book_id == self.book_id
        return self.committer.submit((), facts).result(30)

    def trigger(self, times=1):
        """Bring the account above its threshold, and below it again."""
        for _ in range(times):
            self.shop.writer.post([self.shop.order("world", "A", "1.00"), self.shop.order("A", "world", "1.00")])

    def register(self, address=HOOK, *, retire=False, **settings):
        with begin(self.engine, actor="operator:eve") as work:
            if retire:
                endpoint_id = endpoint_id_of(self.book_id, self.shop.partner_id, address)
                return step_endpoint(work, self.book_id, endpoint_id, "retire", reason="a test")
            return register_endpoint(
                work,
                self.book_id,
                self.shop.partner_id,
                address=address,
                reason="a test",
                settings=EndpointSettings(**settings),
            )

    def follow(self):
        """Let every consumer come to the journal's end."""
        for each in CONSUMERS:  # the second reads what the first one records
            while advance(self.engine, each, self.book_id, self.record):
                pass

    @property
    def sending(self):
        """What deliveries need."""
        return Sending(self.engine, self.vault, self.record, lambda: self.now)

    def claim(self, held=None, slow=()):
        return claim_deliveries(self.sending, self.book_id, held or {}, slow)

    def make(self, transport):
        """Make every call that is due, once, and bring the consumers up to what came of it; how many there were."""
        self.follow()
        made = 0
        while found := self.claim():
            attempts = [(each, Attempt(each.call, self.answer(each, transport), self.now)) for each in found]
            record_attempts(self.sending, self.book_id, attempts)
            made += len(found)
        self.follow()
        return made

    def answer(self, delivery, transport):
        if delivery.endpoint.state is EndpointState.RETIRED:
            return Answer(None, CallFault.ENDPOINT_RETIRED)
        return transport(Sent.of(delivery, self.now))

    def calls(self, **asked):
        with read(self.engine) as reader:
            return calls(reader, self.book_id, **asked)

    def endpoint(self, endpoint_id):
        with read(self.engine) as reader:
            return endpoint(reader, self.book_id, endpoint_id)

    def faults(self):
        with read(self.engine) as reader:
            found = derived(reader, self.book_id, PROJECTION_DERIVATIONS)
            return [each.detail for each in found if not each.ok] + self.shop.faults()


@pytest.fixture
def outbox(shop, vault):
    yield from watched(shop, vault)


def watched(shop, vault):
    """A shop with a monitor on account A that triggers above 0.50 USD."""
    shop.open("world 0.00 USD\nA 0.00 USD")
    order = MonitorOrder(shop.account("A"), "half", Measure.POSTED, Comparison.ABOVE, 50)
    with begin(shop.engine, actor="test") as work:
        begin_monitor(work, shop.book_id, order)
    committer = Committer(shop.engine, shop.book_id)
    yield Outbox(shop, committer, vault)
    committer.close()
