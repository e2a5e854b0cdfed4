"""All consumers of the journal, and the derivations that compare projections with their facts."""

from typing import Final

from ledger.book.audits.derivations import Derivation
from ledger.journal.consumers import Consumer, Projection
from ledger.kernel.errors import NotFound
from ledger.outbox.notifications import NOTIFICATIONS
from ledger.outbox.waiting_calls import WAITING_CALLS

CONSUMERS: Final[tuple[Consumer, ...]] = (NOTIFICATIONS, WAITING_CALLS)
"""All consumers; a consumer that answers facts comes before the projection of its answers."""


def consumer_named(name: str) -> Consumer:
    """Return the consumer of that name. Raises `NotFound`, which lists the names."""
    found = next((consumer for consumer in CONSUMERS if consumer.name == name), None)
    if found is None:
        raise NotFound(f"there is no consumer {name!r}; there are: {', '.join(each.name for each in CONSUMERS)}")
    return found


def _derivation(projection: Projection) -> Derivation:
    """Return the check of a projection's rows against the facts up to its position in the same snapshot."""
    position = f"(SELECT seq FROM consumer_positions WHERE book_id = :book AND name = '{projection.name}')"  # noqa: S608  # a name of ours
    offenders = projection.offenders.replace(":seq", f"coalesce({position}, 0)")
    return Derivation(f"{projection.name}_follow_from_facts", offenders, projection.says)


PROJECTION_DERIVATIONS: Final = tuple(_derivation(each) for each in CONSUMERS if isinstance(each, Projection))
"""The checks, one for each projection."""
