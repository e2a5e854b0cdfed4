"""The life cycle of a monitor."""

from typing import Final

from ledger.book.records.monitors import Monitor, MonitorState
from ledger.kernel.lifecycle import LifeCycle, Transition

MONITOR_LIFE: Final = LifeCycle(
    noun="monitor",
    record=Monitor,
    identity="monitor_id",
    state_of=lambda fact: MonitorState.WATCHING if fact.is_watching else MonitorState.ENDED,
    transitions=(
        Transition(None, MonitorState.WATCHING, "begin"),
        Transition(MonitorState.WATCHING, MonitorState.ENDED, "end"),
    ),
)
"""A monitor begins once and ends once."""
