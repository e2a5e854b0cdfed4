"""List calls to partners' endpoints, or repeat one."""

from collections.abc import Callable, Mapping
from typing import Annotated, Final

import typer

from cofferdam.output import AsJson, answer
from cofferdam.session import session
from ledger.kernel.work import read
from ledger.outbox.calls import calls, replay
from ledger.outbox.records import CallId, CallState, OutboundCall
from ledger.public_ids import parse_public, public

_Book = Annotated[str, typer.Argument(help="The book, by its name.")]


def list_calls(
    book: _Book,
    *,
    state: Annotated[CallState | None, typer.Option(help="Only calls in this state.")] = None,
    limit: Annotated[int, typer.Option(min=1, help="Maximum number of calls.")] = 100,
    as_json: AsJson = False,
) -> None:
    """List calls by their newest facts, the latest change first."""
    with session() as home:
        place = home.book(book)
        with read(place.engine) as reader:
            shown = [_shown(call) for call in calls(reader, place.book_id, state=state, limit=limit)]
    answer(shown, "\n".join(map(_as_line, shown)) or "no call", as_json=as_json)


def replay_call(
    book: _Book,
    call: Annotated[str, typer.Argument(help="The call's id, cal_018f…")],
    *,
    reason: Annotated[str, typer.Option(help="Why; recorded in the journal with your name.")],
    as_json: AsJson = False,
) -> None:
    """Repeat a call that was delivered or given up, with the same key."""
    call_id = CallId(parse_public("call", call))
    with session() as home:
        place = home.book(book)
        with home.work(place) as work:
            seq = replay(work, place.book_id, call_id, reason=reason)
    answer({"call": call, "position": seq}, f"{call} is due again from position {seq} on", as_json=as_json)


VERBS: Final[Mapping[str, Callable[..., None]]] = {"list": list_calls, "replay": replay_call}


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
