"""The consumers of flows: what answers facts of several contexts."""

from typing import Final

from ledger.flows.webhooks import intended_calls
from ledger.journal.consumers import Reaction

WEBHOOKS: Final = Reaction("webhooks", intended_calls)
"""Calls the endpoints of partners about every event that they subscribe to."""
