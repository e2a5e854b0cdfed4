"""Expiring tokens: the projection of tokens that end by themselves, and the timer that ends them."""

from collections.abc import Sequence
from typing import Final

import sqlalchemy as sa

from ledger.kernel.ids import BookId
from ledger.kernel.record import Fact
from ledger.kernel.sql import table
from ledger.kernel.work import Work
from ledger.timers.timers import Timer
from ledger.vault_tokens.records import ExpiringToken, VaultToken, VaultTokenEnding

_EXPIRING: Final = table(ExpiringToken)

TOKEN_TIMER: Final = Timer("vault_token", ExpiringToken, "expires_at")
"""A token ends at the instant at which it expires."""


def project_tokens(work: Work, book_id: BookId, facts: Sequence[Fact]) -> None:
    """Add the tokens that expire, and remove those that have ended."""
    ended = {fact.token_id for fact in facts if isinstance(fact, VaultTokenEnding)}
    rows = [
        {"book_id": book_id, "token_id": fact.token_id, "partner_id": fact.partner_id, "expires_at": fact.expires_at}
        for fact in facts
        if isinstance(fact, VaultToken) and fact.expires_at is not None and fact.token_id not in ended
    ]
    if rows:
        work.connection.execute(sa.insert(_EXPIRING), rows)
    if ended:
        work.connection.execute(
            _EXPIRING.delete().where(_EXPIRING.c.book_id == book_id, _EXPIRING.c.token_id.in_(ended))
        )


def clear_tokens(work: Work, book_id: BookId) -> None:
    """Remove the rows of a book."""
    work.connection.execute(_EXPIRING.delete().where(_EXPIRING.c.book_id == book_id))
