"""Derivations: for everything that follows from the transfers, the query for rows that do not follow."""

from typing import Final, NamedTuple


class Derivation(NamedTuple):
    """A check by name, the query of its offenders in book `:book`, and the text of its result if there are none."""

    check: str
    offenders: str
    says: str


_SUMS: Final = """
    WITH stepped AS (
        SELECT e.*, h.amount_minor AS held,
               lag(e.debits_minor::numeric, 1, 0) OVER before AS debits_before,
               lag(e.credits_minor::numeric, 1, 0) OVER before AS credits_before,
               lag(e.pending_debits_minor::numeric, 1, 0) OVER before AS pending_debits_before,
               lag(e.pending_credits_minor::numeric, 1, 0) OVER before AS pending_credits_before
        FROM entries e
        LEFT JOIN transfers t ON t.book_id = e.book_id AND t.seq = e.seq AND t.hold_seq IS NOT NULL
        LEFT JOIN transfers h ON h.book_id = t.book_id AND h.seq = t.hold_seq
        WHERE e.book_id = :book
        WINDOW before AS (PARTITION BY e.account_no ORDER BY e.seq)
    ), changed AS (
        SELECT *,
               CASE WHEN kind IN ('transfer', 'post') THEN amount_minor ELSE 0 END AS posted,
               CASE kind WHEN 'hold' THEN amount_minor WHEN 'transfer' THEN 0 ELSE -held END AS reserved
        FROM stepped
    ), derived AS (
        SELECT *,
               debits_before + CASE side WHEN 'debit' THEN posted ELSE 0 END AS debits,
               credits_before + CASE side WHEN 'credit' THEN posted ELSE 0 END AS credits,
               pending_debits_before + CASE side WHEN 'debit' THEN reserved ELSE 0 END AS pending_debits,
               pending_credits_before + CASE side WHEN 'credit' THEN reserved ELSE 0 END AS pending_credits
        FROM changed
    )
    SELECT d.seq AS position, a.external_ref AS account, d.side, d.amount_minor AS amount,
           d.debits_minor AS stored_debits, d.debits AS summed_debits,
           d.credits_minor AS stored_credits, d.credits AS summed_credits,
           d.pending_debits_minor::numeric + d.pending_credits_minor AS stored_pending,
           d.pending_debits + d.pending_credits AS summed_pending
    FROM derived d JOIN accounts a ON a.book_id = d.book_id AND a.account_no = d.account_no
    WHERE (d.debits, d.credits, d.pending_debits, d.pending_credits)
          IS DISTINCT FROM (d.debits_minor, d.credits_minor, d.pending_debits_minor, d.pending_credits_minor)
"""
_HOLDS: Final = """
    WITH derived AS (
        SELECT h.seq, h.expires_at, h.debit_account_no, h.credit_account_no, h.partner_no,
               CASE h.closes WHEN 'debit' THEN h.debit_account_no WHEN 'credit' THEN h.credit_account_no END AS closed
        FROM transfers h
        WHERE h.book_id = :book AND h.kind = 'hold'
          AND NOT EXISTS (SELECT 1 FROM transfers e WHERE e.book_id = h.book_id AND e.hold_seq = h.seq)
    ), stored AS (
        SELECT * FROM open_holds WHERE book_id = :book
    )
    SELECT coalesce(d.seq, s.seq) AS position,
           CASE WHEN s.seq IS NULL THEN 'is missing among the open holds'
                WHEN d.seq IS NULL THEN 'is surplus among the open holds' ELSE 'differs' END AS hold
    FROM derived d FULL JOIN stored s USING (seq)
    WHERE (d.expires_at, d.debit_account_no, d.credit_account_no, d.partner_no, d.closed)
          IS DISTINCT FROM (s.expires_at, s.debit_account_no, s.credit_account_no, s.partner_no, s.closed_account_no)
       OR d.seq IS NULL OR s.seq IS NULL
"""
# Every batch of orders ends the holds that are due before its first order; other facts may be recorded in between.
_DEADLINES: Final = """
    WITH judged AS (
        SELECT greatest(
            (SELECT recorded_at FROM transfers WHERE book_id = :book ORDER BY seq DESC LIMIT 1),
            (SELECT recorded_at FROM refused_transfers WHERE book_id = :book ORDER BY seq DESC LIMIT 1)
        ) AS until_at
    )
    SELECT h.seq AS position, h.expires_at AS deadline, coalesce(e.kind, 'nothing') AS ended_by, e.seq AS ended_at
    FROM transfers h
    CROSS JOIN judged
    LEFT JOIN transfers e ON e.book_id = h.book_id AND e.hold_seq = h.seq
    WHERE h.book_id = :book AND h.expires_at IS NOT NULL
      AND CASE e.kind WHEN 'expiry' THEN e.recorded_at < h.expires_at
                      ELSE coalesce(e.recorded_at, judged.until_at) >= h.expires_at END
"""
_ENDS: Final = """
    SELECT e.seq AS position, e.kind, e.amount_minor AS amount, h.amount_minor AS held
    FROM transfers e LEFT JOIN transfers h ON h.book_id = e.book_id AND h.seq = e.hold_seq
    WHERE e.book_id = :book AND (e.kind IN ('post', 'void', 'expiry')) <> (e.hold_seq IS NOT NULL)
       OR e.book_id = :book AND e.hold_seq IS NOT NULL
          AND (h.kind IS DISTINCT FROM 'hold' OR h.seq >= e.seq OR e.amount_minor > h.amount_minor
               OR (e.debit_account_no, e.credit_account_no, e.currency)
                  IS DISTINCT FROM (h.debit_account_no, h.credit_account_no, h.currency))
"""
_TRIAL_BALANCE: Final = """
    SELECT a.currency, sum(e.debits_minor) AS debits, sum(e.credits_minor) AS credits,
           sum(e.pending_debits_minor) AS pending_debits, sum(e.pending_credits_minor) AS pending_credits
    FROM accounts a
    CROSS JOIN LATERAL (
        SELECT * FROM entries e WHERE e.book_id = a.book_id AND e.account_no = a.account_no
        ORDER BY e.seq DESC LIMIT 1
    ) e
    WHERE a.book_id = :book GROUP BY a.currency
    HAVING sum(e.debits_minor) <> sum(e.credits_minor) OR sum(e.pending_debits_minor) <> sum(e.pending_credits_minor)
"""
_CURRENCIES: Final = """
    SELECT t.seq AS position, t.currency, d.currency AS debit_account_in, c.currency AS credit_account_in
    FROM transfers t
    JOIN accounts d ON d.book_id = t.book_id AND d.account_no = t.debit_account_no
    JOIN accounts c ON c.book_id = t.book_id AND c.account_no = t.credit_account_no
    WHERE t.book_id = :book AND (t.currency <> d.currency OR t.currency <> c.currency)
"""
_OUTCOMES: Final = """
    SELECT r.seq AS refused_at, t.seq AS accepted_at, t.transfer_id AS transfer
    FROM refused_transfers r JOIN transfers t ON t.book_id = r.book_id AND t.transfer_id = r.transfer_id
    WHERE r.book_id = :book
"""
_PERIODS: Final = """
    SELECT t.seq AS position, t.booked_on, p.closed_until_on, p.seq AS closed_at
    FROM period_closings p
    JOIN transfers t ON t.book_id = p.book_id AND t.seq > p.seq AND t.booked_on <= p.closed_until_on
                    AND t.kind IN ('transfer', 'hold', 'post')
    WHERE p.book_id = :book
"""
_TAGS: Final = """
    WITH derived AS (
        SELECT DISTINCT t.partner_no, word.tag, t.seq
        FROM transfers t CROSS JOIN LATERAL unnest(string_to_array(t.tags, ' ')) AS word (tag)
        WHERE t.book_id = :book AND t.tags IS NOT NULL
    ), stored AS (
        SELECT partner_no, tag, seq FROM transfer_tags WHERE book_id = :book
    )
    SELECT coalesce(d.seq, s.seq) AS position, coalesce(d.tag, s.tag) AS tag,
           CASE WHEN s.seq IS NULL THEN 'is missing' ELSE 'is surplus' END AS it
    FROM derived d
    FULL JOIN stored s ON s.partner_no = d.partner_no AND s.tag = d.tag AND s.seq = d.seq
    WHERE d.seq IS NULL OR s.seq IS NULL
"""
_REVERSALS: Final = """
    SELECT r.seq AS position, r.reverses_seq AS reverses,
           CASE WHEN t.seq IS NULL THEN 'nothing is there'
                WHEN t.seq >= r.seq THEN 'that came later'
                WHEN t.kind NOT IN ('transfer', 'post') THEN 'that is a ' || t.kind || ' and moved nothing'
                ELSE 'it is not the same money the other way' END AS but
    FROM transfers r LEFT JOIN transfers t ON t.book_id = r.book_id AND t.seq = r.reverses_seq
    WHERE r.book_id = :book AND r.reverses_seq IS NOT NULL
      AND (t.seq IS NULL OR t.seq >= r.seq OR t.kind NOT IN ('transfer', 'post') OR r.kind <> 'transfer'
           OR (r.debit_account_no, r.credit_account_no, r.amount_minor, r.currency)
              <> (t.credit_account_no, t.debit_account_no, t.amount_minor, t.currency))
"""
_TIMES: Final = """
    SELECT t.seq AS position, t.effective_at::text, t.recorded_at::text
    FROM transfers t
    WHERE t.book_id = :book AND t.effective_at > t.recorded_at
"""
_HEAD: Final = """
    WITH derived AS (
        SELECT (SELECT recorded_at FROM journal_batches WHERE book_id = :book ORDER BY seq DESC LIMIT 1) AS recorded_at,
               (SELECT max(closed_until_on) FROM period_closings WHERE book_id = :book) AS closed_until_on,
               greatest(
                   (SELECT max(effective_at) FROM transfers WHERE book_id = :book AND is_imported),
                   (SELECT max(imported_until_at) FROM book_openings WHERE book_id = :book)
               ) AS imported_until_at
    )
    SELECT mark.name AS mark, mark.head_says, mark.journal_says
    FROM book_heads h CROSS JOIN derived d
    CROSS JOIN LATERAL (VALUES
        ('last_recorded_at', h.last_recorded_at::text, coalesce(d.recorded_at, '1970-01-01 00:00:00Z')::text),
        ('closed_until_on', h.closed_until_on::text, d.closed_until_on::text),
        ('imported_until_at', h.imported_until_at::text, d.imported_until_at::text)
    ) AS mark (name, head_says, journal_says)
    WHERE h.book_id = :book AND mark.head_says IS DISTINCT FROM mark.journal_says
"""
_REFERENCES: Final = """
    SELECT named.seq AS position, named.what, named.which
    FROM (
        SELECT t.seq, 'debit account' AS what, t.debit_account_no::text AS which, a.seq AS named_seq
        FROM transfers t LEFT JOIN accounts a ON a.book_id = t.book_id AND a.account_no = t.debit_account_no
        WHERE t.book_id = :book
        UNION ALL
        SELECT t.seq, 'credit account', t.credit_account_no::text, a.seq
        FROM transfers t LEFT JOIN accounts a ON a.book_id = t.book_id AND a.account_no = t.credit_account_no
        WHERE t.book_id = :book
        UNION ALL
        SELECT t.seq, 'partner', t.partner_no::text, p.seq
        FROM transfers t LEFT JOIN partners p ON p.book_id = t.book_id AND p.partner_no = t.partner_no
        WHERE t.book_id = :book
        UNION ALL
        SELECT t.seq, 'actor', t.actor_no::text, a.seq
        FROM transfers t LEFT JOIN actors a ON a.book_id = t.book_id AND a.actor_no = t.actor_no
        WHERE t.book_id = :book
        UNION ALL
        SELECT a.seq, 'partner', a.partner_id::text, p.seq
        FROM accounts a LEFT JOIN partners p ON p.book_id = a.book_id AND p.partner_id = a.partner_id
        WHERE a.book_id = :book
        UNION ALL
        SELECT t.seq, 'account', t.account_id::text, a.seq
        FROM account_terms t
        LEFT JOIN accounts a ON a.book_id = t.book_id AND a.account_id = t.account_id AND a.partner_id = t.partner_id
        WHERE t.book_id = :book
        UNION ALL
        SELECT m.seq, 'account', m.account_id::text, a.seq
        FROM monitors m
        LEFT JOIN accounts a ON a.book_id = m.book_id AND a.account_id = m.account_id AND a.partner_id = m.partner_id
        WHERE m.book_id = :book
    ) named
    WHERE named.named_seq IS NULL OR named.named_seq >= named.seq
"""

DERIVATIONS: Final = (
    Derivation("sums_follow_from_transfers", _SUMS, "every account's sums are those of its transfers, one by one"),
    Derivation("open_holds_follow_from_transfers", _HOLDS, "the open holds are exactly those without an end"),
    Derivation("holds_end_once_and_rightly", _ENDS, "every end names one hold, its accounts, and at most its amount"),
    Derivation("deadlines_were_kept", _DEADLINES, "no hold outlived its deadline, none was expired before it"),
    Derivation("currencies_agree", _CURRENCIES, "every transfer is of the currency of both its accounts"),
    Derivation("reversals_follow_what_they_reverse", _REVERSALS, "every reversal is the mirror of an earlier transfer"),
    Derivation("tags_follow_from_transfers", _TAGS, "every tag of a transfer is found, and no other"),
    Derivation("trial_balance_is_zero", _TRIAL_BALANCE, "debits equal credits in every currency"),
    Derivation("outcomes_are_final", _OUTCOMES, "no id is both refused and accepted"),
    Derivation("closed_periods_stay_closed", _PERIODS, "nothing was dated into a closed period"),
    Derivation("effective_times_are_past", _TIMES, "no transfer is effective after it was recorded"),
    Derivation("head_follows_from_journal", _HEAD, "the head's instant, last closed day and import mark are derived"),
    Derivation(
        "references_lead_to_facts", _REFERENCES, "every account, partner and actor was recorded before it was named"
    ),
)
"""All checks of stored values against the transfers; the chain is checked apart."""
