"""The end of vault tokens: the fact is recorded first, then the keys of the value are destroyed.

A process that is killed between the two leaves keys, which the nightly job destroys. Each step may be repeated.
"""

from collections.abc import Collection, Iterator, Sequence
from datetime import datetime
from typing import Final
from uuid import UUID

import sqlalchemy as sa

from ledger.journal import journal
from ledger.journal.fact_orders import FactOrder, Recording
from ledger.kernel.ids import BookId
from ledger.kernel.reasons import require_reason
from ledger.kernel.sql import table
from ledger.kernel.work import Reader, Work, read
from ledger.tenancy.records import CustomerId
from ledger.vault.records import SubjectId
from ledger.vault.vault import Vault
from ledger.vault_tokens.records import EndingCause, ExpiringToken, VaultTokenEnding, VaultTokenId
from ledger.vault_tokens.tokens import ENDINGS, TOKENS, owned_token

_EXPIRING: Final = table(ExpiringToken)

_ACTOR: Final = "expiry"
_AT_ONCE: Final = 1_000


def erase_token(work: Work, book_id: BookId, token_id: VaultTokenId, *, reason: str) -> int:
    """Record that a token ends, and return the position: that of the earlier ending, if it has ended.

    Destroy its keys once this is committed. Raises `NotFound`, and `InvalidInput` without a reason.
    """
    require_reason(reason)
    batch = journal.open_batch(work, book_id)
    owned_token(work, book_id, token_id)
    query = sa.select(ENDINGS.c.seq).where(ENDINGS.c.book_id == book_id, ENDINGS.c.token_id == token_id)
    before: int | None = work.connection.execute(query).scalar_one_or_none()
    if before is not None:
        return before
    drafts = _endings(work, book_id, TOKENS.c.token_id == token_id, cause=EndingCause.ERASED, reason=reason)
    return journal.seal(work, batch, drafts).last_seq


def endings_of_customer(work: Work, book_id: BookId, customer_id: CustomerId, *, reason: str) -> list[journal.Draft]:
    """Return the endings of a customer's tokens, to be recorded with the fact that the customer is forgotten."""
    return _endings(
        work, book_id, TOKENS.c.customer_id == customer_id, cause=EndingCause.CUSTOMER_FORGOTTEN, reason=reason
    )


def tokens_of_customer(engine: sa.Engine, book_id: BookId, customer_id: CustomerId) -> list[VaultTokenId]:
    """Return all tokens of a customer."""
    query = sa.select(TOKENS.c.token_id).where(TOKENS.c.book_id == book_id, TOKENS.c.customer_id == customer_id)
    with read(engine) as reader:
        return list(reader.connection.execute(query).scalars())


def expire_tokens(engine: sa.Engine, vault: Vault, book_id: BookId, now: datetime, *, record: Recording) -> None:
    """End the tokens of a book that are due, and destroy their keys."""
    with read(engine) as reader:
        due = _due(reader, book_id, now)

    def drafts(work: Work, _batch: journal.OpenBatch) -> Sequence[journal.Draft]:
        reason = "the time to keep it has passed"
        return _endings(
            work, book_id, TOKENS.c.token_id.in_(due), cause=EndingCause.EXPIRED, reason=reason, actor=_ACTOR
        )

    if due:
        record(book_id, FactOrder(drafts))
        destroy_keys(engine, vault, book_id, due)


def destroy_keys(
    engine: sa.Engine, vault: Vault, book_id: BookId, token_ids: Collection[VaultTokenId]
) -> list[SubjectId]:
    """Destroy the keys of ended tokens, and return those that stood.

    The fingerprint of a value is destroyed with its last token: a fingerprint without a standing token gets none any
    more, so that this is right however late it runs.
    """
    with read(engine) as reader:
        doomed: Sequence[UUID] = (
            reader.connection.execute(_DOOMED, {"book": book_id, "tokens": list(token_ids)}).scalars().all()
        )
    return vault.forget(book_id, [SubjectId(each) for each in doomed]) if doomed else []


def finish_endings(engine: sa.Engine, vault: Vault, book_id: BookId) -> int:
    """Destroy every remaining key of an ended token, and return how many there were.

    They remain if a process ended between fact and key, or if an old vault was restored.
    """
    return sum(len(destroy_keys(engine, vault, book_id, some)) for some in _ended(engine, book_id))


def unfinished_endings(engine: sa.Engine, vault: Vault, book_id: BookId) -> list[SubjectId]:
    """Return the ended tokens whose keys exist."""
    found: list[SubjectId] = []
    for some in _ended(engine, book_id):
        found += vault.standing(book_id, [SubjectId(each) for each in some])
    return found


def _endings(  # noqa: PLR0913  # which tokens, and what their endings say
    work: Work,
    book_id: BookId,
    which: sa.ColumnElement[bool],
    *,
    cause: EndingCause,
    reason: str,
    actor: str | None = None,
) -> list[journal.Draft]:
    """Return the endings of those of the tokens that have not ended, under the head's lock."""
    has_ended = sa.exists().where(ENDINGS.c.book_id == TOKENS.c.book_id, ENDINGS.c.token_id == TOKENS.c.token_id)
    query = sa.select(TOKENS.c.token_id, TOKENS.c.partner_id).where(TOKENS.c.book_id == book_id, which, ~has_ended)
    return [
        journal.draft(
            VaultTokenEnding,
            partner_id=row.partner_id,
            token_id=row.token_id,
            cause=cause,
            actor=actor or work.actor,
            reason=reason,
        )
        for row in work.connection.execute(query.order_by(TOKENS.c.seq))
    ]


def _due(reader: Reader, book_id: BookId, now: datetime) -> list[VaultTokenId]:
    """Return the tokens that are due, without those whose ending the projection has not taken up."""
    expiring = _EXPIRING.c
    has_ended = sa.exists().where(ENDINGS.c.book_id == expiring.book_id, ENDINGS.c.token_id == expiring.token_id)
    query = sa.select(expiring.token_id).where(expiring.book_id == book_id, expiring.expires_at <= now, ~has_ended)
    return list(reader.connection.execute(query.order_by(expiring.expires_at).limit(_AT_ONCE)).scalars())


def _ended(engine: sa.Engine, book_id: BookId) -> Iterator[Sequence[VaultTokenId]]:
    """Yield the ids of all ended tokens, in batches."""
    query = sa.select(ENDINGS.c.token_id).where(ENDINGS.c.book_id == book_id).order_by(ENDINGS.c.seq)
    with read(engine) as reader:
        found: Sequence[VaultTokenId] = reader.connection.execute(query).scalars().all()
    for start in range(0, len(found), _AT_ONCE):
        yield found[start : start + _AT_ONCE]


_DOOMED: Final = sa.text("""
    WITH ended AS (
        SELECT t.book_id, t.token_id, t.fingerprint_id FROM vault_tokens t
        JOIN vault_token_endings e ON e.book_id = t.book_id AND e.token_id = t.token_id
        WHERE t.book_id = :book AND t.token_id = ANY(:tokens)
    )
    SELECT token_id FROM ended
    UNION
    SELECT fingerprint_id FROM ended WHERE NOT EXISTS (
        SELECT FROM vault_tokens o
        LEFT JOIN vault_token_endings e ON e.book_id = o.book_id AND e.token_id = o.token_id
        WHERE o.book_id = ended.book_id AND o.fingerprint_id = ended.fingerprint_id AND e.seq IS NULL
    )
""").bindparams(sa.bindparam("tokens", type_=sa.ARRAY(sa.Uuid())))
