"""Derivations over an account's history: its limits, freezes and closings over time, and its monitor events."""

from typing import Final

from ledger.book.audits.derivations import Derivation
from ledger.kernel.money import MINOR_MAX

_TERMS: Final = """
    changes AS (
        SELECT account_id, seq, debits_within_credits, credits_within_debits, credit_line_minor, 'none' AS frozen
        FROM accounts WHERE book_id = :book
        UNION ALL
        SELECT account_id, seq, debits_within_credits, credits_within_debits, credit_line_minor, frozen
        FROM account_terms WHERE book_id = :book
    ), terms AS (
        SELECT a.account_no, a.external_ref, a.normal_side, c.seq AS since, c.debits_within_credits,
               c.credits_within_debits, c.credit_line_minor::numeric AS credit_line_minor, c.frozen,
               coalesce(lead(c.seq) OVER (PARTITION BY c.account_id ORDER BY c.seq), 9223372036854775807) AS until
        FROM changes c JOIN accounts a ON a.book_id = :book AND a.account_id = c.account_id
    )
"""
"""The terms of each account, with the position from which and until which they held."""

_LIMITS: Final = f"""
    WITH {_TERMS}
    SELECT e.seq AS position, t.external_ref AS account, e.debits_minor AS debits, e.credits_minor AS credits,
           e.pending_debits_minor AS pending_debits, e.pending_credits_minor AS pending_credits
    FROM terms t
    JOIN entries e ON e.book_id = :book AND e.account_no = t.account_no AND e.seq > t.since AND e.seq < t.until
    WHERE (t.debits_within_credits OR t.credits_within_debits) AND e.kind IN ('transfer', 'hold')
      AND ((t.debits_within_credits AND e.side = 'debit'
            AND e.debits_minor::numeric + e.pending_debits_minor > e.credits_minor + t.credit_line_minor)
        OR (t.credits_within_debits AND e.side = 'credit'
            AND e.credits_minor::numeric + e.pending_credits_minor > e.debits_minor))
      AND NOT EXISTS (SELECT 1 FROM transfers f WHERE f.book_id = :book AND f.seq = e.seq AND f.is_forced)
"""  # noqa: S608  # the terms above
_FREEZES: Final = f"""
    WITH {_TERMS}
    SELECT e.seq AS position, e.kind, t.external_ref AS account, e.side, t.frozen, t.since AS frozen_at
    FROM terms t
    JOIN entries e ON e.book_id = :book AND e.account_no = t.account_no AND e.seq > t.since AND e.seq < t.until
    WHERE t.frozen <> 'none' AND e.kind IN ('transfer', 'hold', 'post')
      AND (t.frozen = 'all' OR t.frozen = e.side || 's')
"""  # noqa: S608  # the terms above
_CLOSINGS: Final = """
    SELECT e.seq AS position, e.kind, a.external_ref AS account, h.seq AS closed_at, x.seq AS reopened_at
    FROM transfers h
    LEFT JOIN transfers x ON x.book_id = h.book_id AND x.hold_seq = h.seq
    JOIN entries e ON e.book_id = h.book_id AND e.seq > h.seq AND e.seq <= coalesce(x.seq, 9223372036854775807)
                  AND e.account_no = CASE h.closes WHEN 'debit' THEN h.debit_account_no ELSE h.credit_account_no END
    JOIN accounts a ON a.book_id = e.book_id AND a.account_no = e.account_no
    WHERE h.book_id = :book AND h.kind = 'hold' AND h.closes IS NOT NULL AND e.kind IN ('transfer', 'hold', 'post')
"""
# The judge measures an account before and after each entry with the credit line in force at that entry.
_MONITORS: Final = f"""
    WITH {_TERMS}, watches AS (
        SELECT m.*, a.account_no, a.normal_side,
               coalesce(lead(m.seq) OVER (PARTITION BY m.monitor_id ORDER BY m.seq), 9223372036854775807) AS until
        FROM monitors m JOIN accounts a ON a.book_id = m.book_id AND a.account_id = m.account_id
        WHERE m.book_id = :book
    ), stepped AS (
        SELECT e.seq, e.account_no, e.debits_minor::numeric AS debits, e.credits_minor::numeric AS credits,
               e.pending_debits_minor::numeric AS pending_debits, e.pending_credits_minor::numeric AS pending_credits,
               lag(e.debits_minor::numeric, 1, 0) OVER before AS debits_before,
               lag(e.credits_minor::numeric, 1, 0) OVER before AS credits_before,
               lag(e.pending_debits_minor::numeric, 1, 0) OVER before AS pending_debits_before,
               lag(e.pending_credits_minor::numeric, 1, 0) OVER before AS pending_credits_before
        FROM entries e
        WHERE e.book_id = :book AND e.account_no IN (SELECT account_no FROM watches)
        WINDOW before AS (PARTITION BY e.account_no ORDER BY e.seq)
    ), measured AS (
        SELECT w.monitor_id, w.account_id, w.partner_id, w.comparison, w.threshold_minor, s.seq,
               CASE w.measure WHEN 'pending' THEN m.pending WHEN 'posted' THEN m.posted
                              ELSE m.posted - m.pending + m.line END AS now,
               CASE w.measure WHEN 'pending' THEN m.pending_before WHEN 'posted' THEN m.posted_before
                              ELSE m.posted_before - m.pending_before + m.line END AS before
        FROM watches w
        JOIN stepped s ON s.account_no = w.account_no AND s.seq > w.seq AND s.seq < w.until
        JOIN terms t ON t.account_no = s.account_no AND s.seq > t.since AND s.seq < t.until
        CROSS JOIN LATERAL (
            SELECT s.credits - s.debits AS posted, s.pending_debits AS pending, t.credit_line_minor AS line,
                   s.credits_before - s.debits_before AS posted_before, s.pending_debits_before AS pending_before
            WHERE w.normal_side = 'credit'
            UNION ALL
            SELECT s.debits - s.credits, s.pending_credits, 0, s.debits_before - s.credits_before,
                   s.pending_credits_before
            WHERE w.normal_side = 'debit'
        ) m
        WHERE w.is_watching
    ), derived AS (
        SELECT monitor_id, account_id, partner_id, seq AS transfer_seq,
               greatest(least(now, {MINOR_MAX}), -{MINOR_MAX}) AS measured
        FROM measured
        WHERE comparison = 'below' AND now < threshold_minor AND before >= threshold_minor
           OR comparison = 'above' AND now > threshold_minor AND before <= threshold_minor
    ), stored AS (
        SELECT seq, monitor_id, account_id, partner_id, transfer_seq, measured_minor::numeric AS measured
        FROM monitor_events WHERE book_id = :book
    )
    SELECT coalesce(s.seq, d.transfer_seq) AS position, coalesce(s.monitor_id, d.monitor_id) AS monitor,
           coalesce(s.transfer_seq, d.transfer_seq) AS transfer, s.measured AS stored, d.measured AS derived
    FROM derived d FULL JOIN stored s
      ON s.monitor_id = d.monitor_id AND s.transfer_seq = d.transfer_seq
    WHERE (d.account_id, d.partner_id, d.measured) IS DISTINCT FROM (s.account_id, s.partner_id, s.measured)
"""  # noqa: S608  # the terms above, and a number

ACCOUNT_DERIVATIONS: Final = (
    Derivation("limits_hold", _LIMITS, "no transfer or hold left its account beyond its limit"),
    Derivation("freezes_hold", _FREEZES, "no transfer, hold or post touched an account on a frozen side"),
    Derivation("closed_accounts_stay_closed", _CLOSINGS, "no transfer, hold or post touched a closed account"),
    Derivation(
        "monitor_events_follow_from_transfers",
        _MONITORS,
        "every monitor event follows from a transfer, and none is missing",
    ),
)
"""All checks of accounts against the terms that were in force at each entry."""
