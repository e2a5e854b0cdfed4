"""Endpoints: addresses at which partners receive webhooks, with their settings, their states and their secrets."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import timedelta
from typing import Final, NamedTuple

from ledger.journal import journal
from ledger.journal.fact_orders import FactOrder
from ledger.kernel.errors import InvalidInput, NotFound
from ledger.kernel.ids import BookId, PartnerId, derived_id
from ledger.kernel.reasons import require_reason
from ledger.kernel.work import Reader, Work
from ledger.outbox.endpoint_addresses import is_loopback, require_address
from ledger.outbox.lifecycles import ENDPOINT_LIFE
from ledger.outbox.records import Endpoint, EndpointId, EndpointState
from ledger.public_ids import public

_CONCURRENCY_MAX: Final = 50
"""Maximum number of concurrent calls that an endpoint can ask for."""

_OVERLAP_MAX: Final = timedelta(days=7)


class EndpointSettings(NamedTuple):
    """The settings of an endpoint, and its signing secret as sealed text; None leaves one as it is, or unset."""

    event_types: Sequence[str] | None = None
    is_ordered: bool | None = None
    concurrency: int | None = None
    secret: str | None = None


def register_endpoint(  # noqa: PLR0913  # what the fact says
    work: Work,
    book_id: BookId,
    partner_id: PartnerId,
    *,
    address: str,
    reason: str,
    settings: EndpointSettings = EndpointSettings(),  # noqa: B008  # a frozen value
    is_private_allowed: bool = False,
    is_loopback_allowed: bool = False,
) -> EndpointId:
    """Register an address for calls to a partner. Raises `InvalidInput`, and `IllegalTransition` if it stands.

    Plain HTTP is for this machine, registered by an operator, or by a partner where it may; so are private hosts.
    An address is one endpoint, however often it is retired and registered again: its settings are then new ones.
    """
    is_local = (work.partner_id is None or is_loopback_allowed) and is_loopback(address)
    require_address(address, is_plain_allowed=is_private_allowed or is_local)
    endpoint_id = endpoint_id_of(book_id, partner_id, address)
    new = {"endpoint_id": endpoint_id, "partner_id": partner_id, "address": address, "is_active": True}
    _record(work, book_id, endpoint_id, "register", changed={**_UNSET, **new, **_checked(settings)}, reason=reason)
    return endpoint_id


def step_endpoint(work: Work, book_id: BookId, endpoint_id: EndpointId, verb: str, *, reason: str) -> int:
    """Pause, resume or retire an endpoint, and return the position of the fact. Raises `IllegalTransition`."""
    changed: dict[str, dict[str, object]] = {
        "pause": {"is_paused": True},
        "resume": {"is_paused": None},
        "retire": {**_UNSET, "is_active": False},
    }
    return _record(work, book_id, endpoint_id, verb, changed=changed[verb], reason=reason)


def change_endpoint(
    work: Work, book_id: BookId, endpoint_id: EndpointId, settings: EndpointSettings, *, reason: str
) -> int:
    """Change settings of an endpoint, and return the position of the fact. Raises `InvalidInput` and `NotFound`."""
    return _record(work, book_id, endpoint_id, "change", changed=_checked(settings), reason=reason)


def rotate_secret(  # noqa: PLR0913  # what the fact says
    work: Work, book_id: BookId, endpoint_id: EndpointId, secret: str, *, overlap: timedelta, reason: str
) -> int:
    """Sign with a new secret, given as sealed text, and with the present one too for the time of the overlap.

    Returns the position of the fact. Raises `InvalidInput` and `NotFound`.
    """
    if not timedelta() <= overlap <= _OVERLAP_MAX:
        raise InvalidInput(f"secrets overlap for 0 to {_OVERLAP_MAX // timedelta(hours=1)} hours")
    present = endpoint(work, book_id, endpoint_id).secret if overlap else None
    until = work.now + overlap if present else None
    changed = {"secret": secret, "previous_secret": present, "previous_secret_until_at": until}
    return _record(work, book_id, endpoint_id, "change", changed=changed, reason=reason)


def retirement(gone: Endpoint, *, actor: str, reason: str) -> FactOrder:
    """Order the fact that an endpoint is retired; records nothing if it is by then."""

    def drafts(work: Work, _batch: journal.OpenBatch) -> Sequence[journal.Draft]:
        newest = endpoint(work, gone.book_id, gone.endpoint_id)
        if newest.state is EndpointState.RETIRED:
            return ()
        return (_drafted({**_said(newest), **_UNSET, "is_active": False, "actor": actor, "reason": reason}),)

    return FactOrder(drafts, about=gone.endpoint_id)


def endpoint(scope: Reader | Work, book_id: BookId, endpoint_id: EndpointId) -> Endpoint:
    """Return the newest fact of an endpoint in the reader's scope. Raises `NotFound`."""
    found = ENDPOINT_LIFE.newest(scope, book_id, endpoint_id)
    if found is None or scope.partner_id not in (None, found.partner_id):
        raise NotFound(f"there is no endpoint {public('endpoint', endpoint_id)}")
    return found


def endpoint_id_of(book_id: BookId, partner_id: PartnerId, address: str) -> EndpointId:
    """Derive the id of a partner's address."""
    return EndpointId(derived_id(book_id, partner_id, "endpoint", address))


def _record(  # noqa: PLR0913  # what the fact says
    work: Work, book_id: BookId, endpoint_id: EndpointId, verb: str, *, changed: Mapping[str, object], reason: str
) -> int:
    """Record the next fact of an endpoint, with its unchanged values."""
    require_reason(reason)
    batch = journal.open_batch(work, book_id)
    newest = ENDPOINT_LIFE.newest(work, book_id, endpoint_id)
    if newest is None and verb != "register":
        raise NotFound(f"there is no endpoint {public('endpoint', endpoint_id)}")
    if newest is not None and work.partner_id not in (None, newest.partner_id):
        raise NotFound(f"there is no endpoint {public('endpoint', endpoint_id)}")
    ENDPOINT_LIFE.after(newest, verb)
    said = {} if newest is None else _said(newest)
    fact = _drafted({**said, **changed, "actor": work.actor, "reason": reason})
    return journal.seal(work, batch, [fact]).last_seq


def _said(newest: Endpoint) -> dict[str, object]:
    return {name: value for name, value in asdict(newest).items() if name not in ("book_id", "seq", "recorded_at")}


def _drafted(said: dict[str, object]) -> journal.Draft:
    return journal.draft(Endpoint, **said)


def _checked(settings: EndpointSettings) -> dict[str, object]:
    """Return the settings that are made, as columns. Raises `InvalidInput`."""
    concurrency, event_types = settings.concurrency, settings.event_types
    if concurrency is not None and not 1 <= concurrency <= _CONCURRENCY_MAX:
        raise InvalidInput(f"an endpoint takes 1 to {_CONCURRENCY_MAX} calls at a time, not {concurrency}")
    if event_types is not None and not event_types:
        raise InvalidInput("name at least one type of event, or pause the endpoint")
    said = {
        "event_types": None if event_types is None else " ".join(sorted(set(event_types))),
        "is_ordered": settings.is_ordered,
        "concurrency": concurrency,
        "secret": settings.secret,
    }
    return {name: value for name, value in said.items() if value is not None}


_UNSET: Final[dict[str, object]] = dict.fromkeys(
    (
        "event_types",
        "is_ordered",
        "concurrency",
        "is_paused",
        "secret",
        "previous_secret",
        "previous_secret_until_at",
    )
)
"""The settings of an endpoint that has none; a retired one keeps no secret."""
