"""Event types: every kind of fact that a partner sees, as webhooks name it."""

from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple

from ledger.book.records.accounts import Account, AccountTerms
from ledger.book.records.monitors import Monitor, MonitorEvent
from ledger.book.records.transfers import RefusedTransfer, Transfer
from ledger.flows.partner_facts import FactKind
from ledger.kernel.errors import InvalidInput
from ledger.kernel.record import Fact
from ledger.metadata.records import ObjectMetadata
from ledger.outbox.records import Endpoint
from ledger.templates.records import PostingTemplate
from ledger.tenancy.records import Customer


class EventType(NamedTuple):
    """A type of event: its name, the record whose facts are such events, and the version of its content.

    A version only ever gains properties; a property that changes or goes is a new version. `kind` is None for events
    that no fact of money or of customers causes.
    """

    name: str
    record: type[Fact]
    kind: FactKind | None
    description: str
    version: int = 1


TEST_EVENT: Final = EventType("webhook.test", Endpoint, None, "A test of an endpoint, which you asked for.")
"""The event that an endpoint's owner has sent to it."""

EVENT_TYPES: Final[Mapping[str, EventType]] = {
    each.name: each
    for each in (
        EventType(
            "transfer.posted",
            Transfer,
            FactKind.TRANSFER,
            "A transfer of yours is done: money moved or is held, or a hold has ended.",
        ),
        EventType(
            "transfer.rejected",
            RefusedTransfer,
            FactKind.REFUSED_TRANSFER,
            "A transfer of yours was refused for good, by the state of the book.",
        ),
        EventType("account.opened", Account, FactKind.ACCOUNT, "An account of yours was opened."),
        EventType(
            "account.terms_changed",
            AccountTerms,
            FactKind.TERMS,
            "The limits, the credit line or the freeze of an account have changed.",
        ),
        EventType("customer.registered", Customer, FactKind.CUSTOMER, "A customer of yours was registered."),
        EventType("monitor.changed", Monitor, FactKind.MONITOR, "A monitor of yours begins or ends."),
        EventType(
            "monitor.triggered",
            MonitorEvent,
            FactKind.MONITOR_EVENT,
            "The condition of a monitor of yours has become true.",
        ),
        EventType(
            "template.published",
            PostingTemplate,
            FactKind.TEMPLATE,
            "A version of a posting template of yours was published.",
        ),
        EventType("metadata.changed", ObjectMetadata, FactKind.METADATA, "Your own words for an object have changed."),
    )
}
"""The types that an endpoint can subscribe to, by name; they are those of the subscription to events."""

DEFAULT_EVENT_TYPES: Final = ("monitor.triggered",)
"""The types of an endpoint without settings."""

_EARLIER_NAMES: Final = {"monitor_triggered": "monitor.triggered", TEST_EVENT.name: TEST_EVENT.name}


def event_type(topic: str) -> EventType:
    """Return the type of a call's topic; calls from before there were types have other names."""
    name = _EARLIER_NAMES.get(topic, topic)
    return TEST_EVENT if name == TEST_EVENT.name else EVENT_TYPES[name]


def require_event_types(names: Sequence[str]) -> None:
    """Raise `InvalidInput` for a name that is no type of event."""
    for name in names:
        if name not in EVENT_TYPES:
            raise InvalidInput(f"{name[:60]!r} is no type of event; there are: {', '.join(EVENT_TYPES)}")
