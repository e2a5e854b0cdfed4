"""Every consumer of the journal and every life cycle, found in the `consumers` and `lifecycles` of each context."""

from typing import Any, Final

import ledger
from ledger.book.audits.derivations import Derivation
from ledger.journal.consumers import Consumer, Projection, Reaction
from ledger.kernel.discovery import declared
from ledger.kernel.errors import NotFound
from ledger.kernel.lifecycle import LifeCycle
from ledger.timers.timers import Timer

_PROJECTIONS: Final = declared(ledger, Projection, "*/consumers.py", "*/*/consumers.py")

CONSUMERS: Final[tuple[Consumer, ...]] = (
    *declared(ledger, Reaction, "*/consumers.py", "*/*/consumers.py"),
    *_PROJECTIONS,
)
"""All consumers. The reactions to facts come first, so that the projections have what they recorded."""

LIFE_CYCLES: Final[tuple[LifeCycle[Any, Any], ...]] = declared(
    ledger, LifeCycle, "*/lifecycles.py", "*/*/lifecycles.py"
)
"""All life cycles, by context."""

TIMERS: Final[tuple[Timer, ...]] = declared(ledger, Timer, "*/timers.py", "*/waiting_calls.py", "*/*/open_holds.py")
"""All timers."""


def consumer_named(name: str) -> Consumer:
    """Return the consumer of that name. Raises `NotFound`, which lists those that there are."""
    found = next((consumer for consumer in CONSUMERS if consumer.name == name), None)
    if found is None:
        raise NotFound(f"there is no consumer {name!r}; there are: {', '.join(each.name for each in CONSUMERS)}")
    return found


def _derivation(projection: Projection) -> Derivation:
    """Hold its rows against the facts up to the position that it has reached in the same snapshot."""
    position = f"(SELECT seq FROM consumer_positions WHERE book_id = :book AND name = '{projection.name}')"  # noqa: S608  # a name of ours
    offenders = projection.offenders.replace(":seq", f"coalesce({position}, 0)")
    return Derivation(f"{projection.name}_follow_from_facts", offenders, projection.says)


PROJECTION_DERIVATIONS: Final = tuple(map(_derivation, _PROJECTIONS))
"""A derivation for each projection."""
