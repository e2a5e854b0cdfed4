"""The subscription to all events of a partner."""

from collections.abc import Mapping
from enum import Enum
from typing import Annotated, Final

import strawberry

from api.context import Call
from api.graphql.nouns import events
from api.graphql.occurrences import Occurrence, Since, followed
from ledger.flows.partner_facts import FactKind
from ledger.kernel.errors import InvalidInput

_TYPES: Final[Mapping[FactKind, type[events.Event]]] = {
    FactKind.TRANSFER: events.TransferPosted,
    FactKind.REFUSED_TRANSFER: events.TransferRejected,
    FactKind.ACCOUNT: events.AccountOpened,
    FactKind.TERMS: events.AccountTermsChanged,
    FactKind.CUSTOMER: events.CustomerRegistered,
    FactKind.MONITOR: events.MonitorChanged,
    FactKind.MONITOR_EVENT: events.MonitorTriggered,
    FactKind.TEMPLATE: events.TemplatePublished,
    FactKind.METADATA: events.MetadataChanged,
}
"""The event of each kind of facts; a change of a balance is no fact of its own."""

MEMBERS: Final = tuple(_TYPES.values())


@strawberry.enum
class EventKind(Enum):
    """The kinds of events. New kinds may be added: ask for those that you know."""

    TRANSFER_POSTED = strawberry.enum_value("transfer", description="A `TransferPosted`.")
    TRANSFER_REJECTED = strawberry.enum_value("refused_transfer", description="A `TransferRejected`.")
    ACCOUNT_OPENED = strawberry.enum_value("account", description="An `AccountOpened`.")
    ACCOUNT_TERMS_CHANGED = strawberry.enum_value("terms", description="An `AccountTermsChanged`.")
    CUSTOMER_REGISTERED = strawberry.enum_value("customer", description="A `CustomerRegistered`.")
    MONITOR_CHANGED = strawberry.enum_value("monitor", description="A `MonitorChanged`.")
    MONITOR_TRIGGERED = strawberry.enum_value("monitor_event", description="A `MonitorTriggered`.")
    TEMPLATE_PUBLISHED = strawberry.enum_value("template", description="A `TemplatePublished`.")
    METADATA_CHANGED = strawberry.enum_value("metadata", description="A `MetadataChanged`.")


@strawberry.type
class EventSubscriptions:
    """Subscriptions to events."""

    @strawberry.field
    def events(
        self,
        info: strawberry.Info[Call, None],
        kinds: Annotated[
            list[EventKind] | None, strawberry.argument(description="Only events of these kinds. Absent: all of them.")
        ] = None,
        since: Since = None,
    ) -> events.Event:
        """Everything that happens in your part of the book, once and in the order of the journal."""
        if kinds is not None and not kinds:
            raise InvalidInput("kinds is empty: name the kinds of events, or leave it out to get all of them")
        wanted = frozenset(_TYPES if kinds is None else (FactKind(str(each.value)) for each in kinds))
        return followed(info, wanted, since, _shown)


def _shown(occurrence: Occurrence) -> events.Event:
    event: events.Event = _TYPES[occurrence.fact.kind].of(occurrence)
    return event
