"""Send a test alert by every channel."""

from typing import Final

import typer

from cofferdam.alerts.channels import Channel, Undelivered, channels
from cofferdam.alerts.records import Alert, Trouble
from cofferdam.output import AsJson, answer, lines
from ledger.kernel.clock import system_clock
from ledger.kernel.settings import Settings

_TAKEN: Final = "taken"


def command(*, as_json: AsJson = False) -> None:
    """Send a test alert by every channel, and show what became of it; exits with 1 if one did not take it."""
    alert = Alert("test", Trouble.FAILED, system_clock(), "somebody ran `cofferdam alert`; nothing is wrong")
    outcomes = {channel.name: _outcome(channel, alert) for channel in channels(Settings.from_process())}
    answer(outcomes, lines(outcomes), as_json=as_json)
    if set(outcomes.values()) != {_TAKEN}:
        raise typer.Exit(1)


def _outcome(channel: Channel, alert: Alert) -> str:
    try:
        channel.send(alert)
    except Undelivered as reason:
        return str(reason)
    return _TAKEN
