"""`cofferdam calls`: calls to the outside with what became of them; replay has one made again."""

import json
from collections.abc import Callable, Mapping
from typing import Annotated, Final

import typer

from cofferdam.actor import operator
from cofferdam.directory import directory
from ledger.kernel.settings import Settings
from ledger.kernel.work import begin, read
from ledger.outbox.calls import calls, replay
from ledger.outbox.records import CallId, CallState, OutboundCall
from ledger.public_ids import parse_public, public

_Book = Annotated[str, typer.Argument(help="The book, by its name.")]


def command() -> None:
    """Calls to the outside: see them, or have one made again."""


def list_calls(
    book: _Book,
    *,
    state: Annotated[CallState | None, typer.Option(help="Only the calls of this state.")] = None,
    limit: Annotated[int, typer.Option(min=1, help="How many at most.")] = 100,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON value and nothing else.")] = False,
) -> None:
    """List calls by their newest facts; those that changed last come first."""
    with directory(Settings.from_process()) as found:
        place = found.place_of(book)
        with read(place.engine) as reader:
            shown = [_shown(call) for call in calls(reader, place.book_id, state=state, limit=limit)]
    typer.echo(json.dumps(shown, indent=2) if as_json else "\n".join(map(_as_line, shown)) or "no call")


def replay_call(
    book: _Book,
    call: Annotated[str, typer.Argument(help="The call's id, cal_018f…")],
    *,
    reason: Annotated[str, typer.Option(help="Why; the journal keeps it, with who it was.")],
) -> None:
    """Have a call made again that was delivered or given up, with the same key."""
    call_id = CallId(parse_public("call", call))
    with directory(Settings.from_process()) as found:
        place = found.place_of(book)
        with begin(place.engine, actor=operator()) as work:
            seq = replay(work, place.book_id, call_id, reason=reason)
    typer.echo(f"{call} waits again from position {seq} on")


VERBS: Final[Mapping[str, Callable[..., None]]] = {"list": list_calls, "replay": replay_call}
"""What it does, by word."""


def _shown(call: OutboundCall) -> dict[str, object]:
    return {
        "call": public("call", call.call_id),
        "state": call.state,
        "topic": call.topic,
        "about": call.about_seq,
        "endpoint": public("endpoint", call.endpoint_id),
        "attempts": call.attempt,
        "status": call.status,
        "fault": call.fault,
        "due_at": call.due_at.isoformat() if call.due_at else None,
        "position": call.seq,
    }


def _as_line(said: dict[str, object]) -> str:
    ended = f", {said['fault']}" if said["fault"] else ""
    due = f", next at {said['due_at']}" if said["due_at"] else ""
    return (
        f"{said['state']:<9} {said['call']} {said['topic']} at {said['about']}: {said['attempts']} attempts{ended}{due}"
    )
