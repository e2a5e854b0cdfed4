"""The log of requests with test keys: stored sealed, listed for the partner that sent them, deleted after 30 days.

It is no part of the journal: no fact depends on it, and losing some of it loses no money.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import timedelta
from typing import Any, Final

import orjson
import sqlalchemy as sa

from ledger.kernel.ids import BookId, PartnerId, derived_id
from ledger.kernel.sql import table
from ledger.kernel.work import Work
from ledger.sandboxes.records import SandboxRequest
from ledger.vault.records import SubjectId
from ledger.vault.sealing import PersonalValue
from ledger.vault.vault import Vault

KEPT: Final = timedelta(days=30)
"""The time for which a request is kept, in real time."""

_REQUESTS: Final = table(SandboxRequest)
_COLUMN: Final = "sandbox_requests.asked"
_AT_ONCE: Final = 5_000


def seal_asked(vault: Vault, book_id: BookId, partner_id: PartnerId, texts: Sequence[str]) -> list[str]:
    """Seal what was asked, under a key of the partner's log; what is personal in it is stored in no other form."""
    return vault.seal(book_id, [_value(book_id, partner_id, each) for each in texts])


def store_requests(work: Work, requests: Sequence[SandboxRequest]) -> None:
    """Store requests whose content is sealed."""
    work.connection.execute(_REQUESTS.insert(), [asdict(each) for each in requests])


def delete_requests(work: Work) -> int:
    """Delete requests whose time has passed, and return how many there were; call it again while it is not 0."""
    count: int = work.connection.execute(_DELETE, {"before": work.now - KEPT, "limit": _AT_ONCE}).rowcount
    return count


def open_asked(vault: Vault, requests: Sequence[SandboxRequest]) -> list[Mapping[str, Any] | None]:
    """Open what requests of one sandbox asked: `query` and `variables`; None of one that was not executed."""
    sealed = [each for each in requests if each.asked is not None]
    if not sealed:
        return [None] * len(requests)
    values = [_value(each.book_id, each.partner_id, each.asked or "") for each in sealed]
    texts = vault.open_sealed(sealed[0].book_id, values)
    opened = {
        each.sandbox_request_id: None if text is None else orjson.loads(text)
        for each, text in zip(sealed, texts, strict=True)
    }
    return [opened.get(each.sandbox_request_id) for each in requests]


def _value(book_id: BookId, partner_id: PartnerId, text: str) -> PersonalValue:
    return PersonalValue(partner_id, _COLUMN, text, SubjectId(derived_id(book_id, partner_id, "request log")))


_DELETE: Final = sa.text("""
    DELETE FROM sandbox_requests WHERE (book_id, sandbox_request_id) IN (
        SELECT book_id, sandbox_request_id FROM sandbox_requests WHERE asked_at < :before
        ORDER BY asked_at LIMIT :limit
    )
""").bindparams(sa.bindparam("before", type_=sa.DateTime(timezone=True)))
