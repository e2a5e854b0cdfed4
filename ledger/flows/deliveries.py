"""Deliveries: claimed calls made ready to be sent, with their messages and signatures, and the record of outcomes."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, NamedTuple

import orjson
import sqlalchemy as sa

from ledger.flows.event_messages import accounts_of, messages
from ledger.journal.fact_orders import Recording
from ledger.kernel.clock import Clock, system_clock
from ledger.kernel.ids import BookId
from ledger.kernel.work import begin, read
from ledger.outbox.calls import OUTBOX, Attempt, attempted
from ledger.outbox.claims import Claimed, Held, claim_due, release
from ledger.outbox.endpoints import retirement
from ledger.outbox.records import CallId, Endpoint, EndpointId, WaitingCall
from ledger.outbox.signatures import Signing, signed_headers, signing_with
from ledger.outbox.signing_secrets import open_secrets, secrets_in_use
from ledger.public_ids import public
from ledger.vault.vault import Vault

_GONE: Final = 410


@dataclass(frozen=True, slots=True)
class Delivery:
    """A call that is ready to be made: its endpoint, the calls to be made before it, and what is sent."""

    call: WaitingCall
    endpoint: Endpoint
    after: Sequence[CallId]
    body: bytes
    signings: Sequence[Signing]

    @property
    def webhook_id(self) -> str:
        """The id that is the same at every attempt, so that receivers can detect repeats."""
        return public("call", self.call.call_id)

    def is_claim_over(self, now: datetime) -> bool:
        """Return whether other processes can claim the call at an instant."""
        return self.call.claimed_until_at is None or now >= self.call.claimed_until_at

    def headers(self, now: datetime) -> dict[str, str]:
        """Return the headers of an attempt that is made now: id, time and signatures (Standard Webhooks)."""
        return signed_headers(self.signings, self.webhook_id, self.body, now)


class Outbox(NamedTuple):
    """The parts of a server that deliveries use: engine, vault of its books, a way to record facts, and clock."""

    engine: sa.Engine
    vault: Vault
    record: Recording
    clock: Clock = system_clock


def claim_deliveries(
    outbox: Outbox, book_id: BookId, held: Mapping[EndpointId, int], slow: Collection[EndpointId] = ()
) -> list[Delivery]:
    """Claim calls of a book that are due, beside those that the process holds, and make them ready to be sent.

    Endpoints that are slow get no calls ahead.
    """
    with begin(outbox.engine, actor=OUTBOX, clock=outbox.clock) as work:
        claimed = claim_due(work, book_id, Held(held, slow), accounts=accounts_of)
    if not claimed:
        return []
    with read(outbox.engine) as reader:
        bodies = messages(reader, book_id, [each.call for each in claimed])
    signings = _signings(outbox, book_id, claimed)
    return [
        Delivery(
            each.call,
            each.endpoint,
            each.after,
            orjson.dumps(bodies[each.call.call_id]),
            signings[each.endpoint.endpoint_id],
        )
        for each in claimed
    ]


def record_attempts(outbox: Outbox, book_id: BookId, attempts: Sequence[tuple[Delivery, Attempt]]) -> bool:
    """Record the outcomes of attempts, once each. An endpoint that answered 410 is retired first.

    If the process is killed before this, the calls are made again after their claims have ended, with the same ids;
    killed between the two, the next attempt finds the endpoint retired, and makes no call.
    """
    gone = {each.endpoint.endpoint_id: each.endpoint for each, made in attempts if made.answer.status == _GONE}
    for each in gone.values():
        outbox.record(book_id, retirement(each, actor=OUTBOX, reason="the address answered 410 Gone"))
    outbox.record(book_id, attempted(book_id, [made for _, made in attempts]))
    return True


def release_deliveries(outbox: Outbox, book_id: BookId, deliveries: Sequence[Delivery]) -> bool:
    """Give claimed calls back that were not made, so that they can be claimed at once."""
    with begin(outbox.engine, actor=OUTBOX, clock=outbox.clock) as work:
        release(work, book_id, [each.call for each in deliveries])
    return True


def _signings(outbox: Outbox, book_id: BookId, claimed: Sequence[Claimed]) -> dict[EndpointId, list[Signing]]:
    endpoints = {each.endpoint.endpoint_id: each.endpoint for each in claimed}
    now = outbox.clock()
    clear = open_secrets(outbox.vault, book_id, list(endpoints.values()), now)
    signing = {text: signing_with(secret) for text, secret in clear.items()}
    return {
        name: [signing[text] for text in secrets_in_use(each, now) if text in signing]
        for name, each in endpoints.items()
    }
