"""Sessions of operators: begun after a sign-in, known by the hash of a random secret, and revocable on the server."""

import secrets
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Final, NamedTuple

import sqlalchemy as sa

from ledger.kernel.ids import BookId, new_id
from ledger.kernel.record import columns
from ledger.kernel.sql import table
from ledger.kernel.work import Reader, Work
from ledger.tenancy.records import OperatorSession, OperatorSessionId

LIFE: Final = timedelta(hours=8)
"""The time after which an operator signs in again, however busy."""

IDLE: Final = timedelta(minutes=30)
"""The time without a request after which an operator signs in again."""

_OPERATOR_SESSIONS: Final = table(OperatorSession)

_SECRET_BYTES: Final = 32
_SEEN_EVERY: Final = timedelta(minutes=1)
_KEPT: Final = timedelta(days=30)
_EVERYWHERE: Final = BookId(0)


class OperatorIdentity(NamedTuple):
    """The provider's word about an operator."""

    subject: str
    display_name: str
    roles: frozenset[str]


class ActiveSession(NamedTuple):
    """A session that is neither ended nor expired; without the hash of its secret."""

    session_id: OperatorSessionId
    subject: str
    display_name: str
    roles: frozenset[str]
    begun_at: datetime
    seen_at: datetime
    expires_at: datetime


def begin_session(work: Work, who: OperatorIdentity) -> str:
    """Begin a session and return the secret for its cookie, which cannot be shown again.

    Sessions that expired a month ago are removed.
    """
    work.connection.execute(_REMOVE, {"before": work.now - _KEPT})
    secret = secrets.token_urlsafe(_SECRET_BYTES)
    row = OperatorSession(
        book_id=_EVERYWHERE,
        session_id=OperatorSessionId(new_id()),
        session_hash=_hash(secret),
        subject=who.subject,
        display_name=who.display_name,
        roles=" ".join(sorted(who.roles)),
        begun_at=work.now,
        seen_at=work.now,
        expires_at=work.now + LIFE,
        ended_at=None,
    )
    values = {column.name: getattr(row, column.name) for column in columns(OperatorSession)}
    work.connection.execute(_OPERATOR_SESSIONS.insert().values(values))
    return secret


def session_of(work: Work, secret: str) -> ActiveSession | None:
    """Return the session of a secret, and note that it was used; None if it is unknown, ended, idle or expired."""
    asked = {"hash": _hash(secret), "now": work.now, "idle_since": work.now - IDLE}
    row = work.connection.execute(_BY_HASH, asked).one_or_none()
    if row is None:
        return None
    found = _active(row)
    if found.seen_at <= work.now - _SEEN_EVERY:
        work.connection.execute(_SEE, {"session": found.session_id, "now": work.now})
    return found


def end_session(work: Work, session_id: OperatorSessionId) -> bool:
    """End a session, and return whether it was not ended before."""
    return work.connection.execute(_END, {"session": session_id, "now": work.now}).rowcount == 1


def active_sessions(reader: Reader, now: datetime) -> list[ActiveSession]:
    """Return the sessions that are neither ended nor expired, the newest first."""
    asked = {"now": now, "idle_since": now - IDLE}
    return [_active(row) for row in reader.connection.execute(_ACTIVE, asked)]


def _hash(secret: str) -> bytes:
    return sha256(secret.encode("utf-8", "surrogatepass")).digest()


def _active(row: sa.Row[tuple[object, ...]]) -> ActiveSession:
    values = row._asdict()
    return ActiveSession(**{**values, "roles": frozenset(str(values["roles"]).split())})


_T: Final = _OPERATOR_SESSIONS.c
_NOW: Final = sa.bindparam("now", type_=_T.seen_at.type)
_STANDING: Final = (
    _T.book_id == _EVERYWHERE,
    _T.ended_at.is_(None),
    _T.expires_at > _NOW,
    _T.seen_at > sa.bindparam("idle_since", type_=_T.seen_at.type),
)
_SHOWN: Final = sa.select(*(_T[name] for name in ActiveSession._fields)).where(*_STANDING)
_BY_HASH: Final = _SHOWN.where(_T.session_hash == sa.bindparam("hash", type_=_T.session_hash.type))
_ACTIVE: Final = _SHOWN.order_by(_T.begun_at.desc(), _T.session_id)
_NAMED: Final = (_T.book_id == _EVERYWHERE, _T.session_id == sa.bindparam("session", type_=_T.session_id.type))
_SEE: Final = _OPERATOR_SESSIONS.update().where(*_NAMED).values(seen_at=_NOW)
_END: Final = _OPERATOR_SESSIONS.update().where(*_NAMED, _T.ended_at.is_(None)).values(ended_at=_NOW)
_REMOVE: Final = _OPERATOR_SESSIONS.delete().where(
    _T.book_id == _EVERYWHERE, _T.expires_at < sa.bindparam("before", type_=_T.expires_at.type)
)
