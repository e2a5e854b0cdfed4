"""Attempts: make one call through a transport, and record the outcome."""

from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import NamedTuple

import sqlalchemy as sa

from ledger.journal.fact_orders import Recording
from ledger.kernel.clock import Clock, system_clock
from ledger.kernel.work import read
from ledger.outbox.calls import OUTBOX, Answer, attempted
from ledger.outbox.endpoints import endpoint, retirement
from ledger.outbox.notifications import message
from ledger.outbox.records import CallFault, WaitingCall
from ledger.public_ids import public


class OutgoingCall(NamedTuple):
    """The request that a transport sends: `key` is the same at every attempt, so that receivers can detect repeats."""

    address: str
    key: str
    message: Mapping[str, str]


Transport = Callable[[OutgoingCall], Answer]
"""Sends a call within a bounded time, and returns the outcome; it raises nothing for errors of the other side.

A call counts as received only if the answer names its key: any other server at that address would answer differently.
"""


def attempt(
    engine: sa.Engine, call: WaitingCall, transport: Transport, record: Recording, *, clock: Clock = system_clock
) -> None:
    """Make a claimed call once, and record the outcome.

    If killed before the record, the call is made again after its claim has ended, with the same key. An address that
    answers 410 is retired first: killed in between, the next attempt finds it retired, and makes no call.
    """
    with read(engine) as reader:
        to = endpoint(reader, call.book_id, call.endpoint_id)
        outgoing = OutgoingCall(to.address, public("call", call.call_id), message(reader, call))
    answer = transport(outgoing) if to.is_active else Answer(None, CallFault.ENDPOINT_RETIRED)
    if answer.status == HTTPStatus.GONE:
        record(call.book_id, retirement(to, actor=OUTBOX, reason="the address answered 410 Gone"))
    record(call.book_id, attempted(call, answer, now=clock()))
