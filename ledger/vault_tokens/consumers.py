"""The consumer of vault tokens: what keeps those that expire."""

from typing import Final

from ledger.journal.consumers import Projection
from ledger.vault_tokens.records import VaultToken, VaultTokenEnding
from ledger.vault_tokens.timers import clear_tokens, project_tokens

EXPIRING_TOKENS: Final = Projection(
    "expiring_vault_tokens",
    (VaultToken, VaultTokenEnding),
    project_tokens,
    clear_tokens,
    """
    WITH derived AS (
        SELECT t.token_id, t.partner_id, t.expires_at, t.seq FROM vault_tokens t
        WHERE t.book_id = :book AND t.seq <= :seq AND t.expires_at IS NOT NULL AND NOT EXISTS (
            SELECT FROM vault_token_endings e
            WHERE e.book_id = t.book_id AND e.token_id = t.token_id AND e.seq <= :seq
        )
    ), stored AS (
        SELECT * FROM expiring_vault_tokens WHERE book_id = :book
    )
    SELECT coalesce(d.token_id, s.token_id) AS token, d.seq AS recorded_at,
           CASE WHEN s.token_id IS NULL THEN 'is missing' WHEN d.token_id IS NULL THEN 'is surplus'
                ELSE 'differs' END AS it
    FROM derived d FULL JOIN stored s USING (token_id)
    WHERE (d.partner_id, d.expires_at) IS DISTINCT FROM (s.partner_id, s.expires_at)
    """,
    "the tokens that expire are those that have not ended",
)
"""The tokens that expire by themselves."""
