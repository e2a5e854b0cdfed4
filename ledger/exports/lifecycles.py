"""Life cycles of exports and of their deliveries."""

from typing import Final

from ledger.exports.records import DeliveryState, Export, ExportDelivery, ExportState
from ledger.kernel.lifecycle import LifeCycle, Transition

_STANDING: Final = (ExportState.MADE, ExportState.DELIVERED, ExportState.ACKNOWLEDGED, ExportState.REJECTED)
_FILED: Final = (ExportState.MADE, ExportState.DELIVERED)
"""A recipient may also answer what was filed by hand."""

EXPORT_LIFE: Final = LifeCycle(
    noun="export",
    record=Export,
    identity="export_id",
    state_of=lambda fact: fact.state,
    transitions=(
        Transition(None, ExportState.WITHHELD, "withhold"),
        Transition(ExportState.WITHHELD, ExportState.WITHHELD, "withhold"),
        Transition(None, ExportState.MADE, "make"),
        Transition(ExportState.WITHHELD, ExportState.MADE, "make"),
        Transition(ExportState.MADE, ExportState.DELIVERED, "deliver"),
        *(Transition(each, ExportState.ACKNOWLEDGED, "acknowledge") for each in _FILED),
        *(Transition(each, ExportState.REJECTED, "reject") for each in _FILED),
        *(Transition(each, ExportState.SUPERSEDED, "supersede") for each in _STANDING),
    ),
)
"""An export is made once its checks hold; a later one of the same period supersedes it, and never overwrites it."""

DELIVERY_LIFE: Final = LifeCycle(
    noun="delivery",
    record=ExportDelivery,
    identity="delivery_id",
    state_of=lambda fact: fact.state,
    transitions=(
        Transition(None, DeliveryState.WAITING, "intend"),
        Transition(DeliveryState.WAITING, DeliveryState.WAITING, "fail"),
        Transition(DeliveryState.WAITING, DeliveryState.DELIVERED, "deliver"),
        Transition(DeliveryState.WAITING, DeliveryState.GIVEN_UP, "give_up"),
        Transition(DeliveryState.GIVEN_UP, DeliveryState.WAITING, "resend"),
        Transition(DeliveryState.DELIVERED, DeliveryState.WAITING, "resend"),
    ),
)
"""A delivery is attempted until it is received or given up; an operator can have either made again."""
