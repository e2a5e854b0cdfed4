"""The life cycles of an endpoint and of a call to it."""

from typing import Final

from ledger.kernel.lifecycle import LifeCycle, Transition
from ledger.outbox.records import CallState, Endpoint, EndpointState, OutboundCall

ENDPOINT_LIFE: Final = LifeCycle(
    noun="endpoint",
    record=Endpoint,
    identity="endpoint_id",
    state_of=lambda fact: fact.state,
    transitions=(
        Transition(None, EndpointState.ACTIVE, "register"),
        Transition(EndpointState.ACTIVE, EndpointState.ACTIVE, "change"),
        Transition(EndpointState.ACTIVE, EndpointState.PAUSED, "pause"),
        Transition(EndpointState.PAUSED, EndpointState.PAUSED, "change"),
        Transition(EndpointState.PAUSED, EndpointState.ACTIVE, "resume"),
        Transition(EndpointState.ACTIVE, EndpointState.RETIRED, "retire"),
        Transition(EndpointState.PAUSED, EndpointState.RETIRED, "retire"),
        Transition(EndpointState.RETIRED, EndpointState.ACTIVE, "register"),
    ),
)
"""An address of a partner is one endpoint, however often it is retired and registered again."""

CALL_LIFE: Final = LifeCycle(
    noun="call",
    record=OutboundCall,
    identity="call_id",
    state_of=lambda fact: fact.state,
    transitions=(
        Transition(None, CallState.WAITING, "intend"),
        Transition(CallState.WAITING, CallState.WAITING, "fail"),
        Transition(CallState.WAITING, CallState.DELIVERED, "deliver"),
        Transition(CallState.WAITING, CallState.GIVEN_UP, "give_up"),
        Transition(CallState.GIVEN_UP, CallState.WAITING, "replay"),
        Transition(CallState.DELIVERED, CallState.WAITING, "replay"),
    ),
)
"""A call is attempted until it is delivered or given up; an operator can have either made again."""
