"""The consumer of the outbox, which keeps the calls that wait."""

from typing import Final

from ledger.journal.consumers import Projection
from ledger.outbox.records import OutboundCall
from ledger.outbox.waiting_calls import clear_calls, project_calls

WAITING_CALLS: Final = Projection(
    "waiting_calls",
    (OutboundCall,),
    project_calls,
    clear_calls,
    """
    WITH derived AS (
        SELECT * FROM (
            SELECT DISTINCT ON (call_id) * FROM outbound_calls WHERE book_id = :book AND seq <= :seq
            ORDER BY call_id, seq DESC
        ) newest WHERE state = 'waiting'
    ), stored AS (
        SELECT * FROM waiting_calls WHERE book_id = :book
    )
    SELECT coalesce(d.call_id, s.call_id) AS call, d.seq AS recorded_at,
           CASE WHEN s.call_id IS NULL THEN 'is missing' WHEN d.call_id IS NULL THEN 'is surplus'
                ELSE 'differs' END AS it
    FROM derived d FULL JOIN stored s USING (call_id)
    WHERE (d.seq, d.partner_id, d.endpoint_id, d.topic, d.about_seq, d.attempt, d.begun_at, d.due_at)
          IS DISTINCT FROM (s.seq, s.partner_id, s.endpoint_id, s.topic, s.about_seq, s.attempt, s.begun_at, s.due_at)
    """,
    "the calls that wait are those whose newest fact says so",
)
"""The calls that are still to be made."""
