"""Tamperings with facts: what is run as superuser, the check that names it, and what it says."""

_T1 = "(SELECT min(seq) FROM transfers WHERE tags = 'blue')"
_A = "(SELECT account_id FROM accounts WHERE external_ref = 'test:A')"

CHANGED_FACTS = {
    # Amounts and sums, also such that no sum fits the store's number any more.
    "an amount": (f"UPDATE transfers SET amount_minor = 6001 WHERE seq = {_T1}", "sums_follow", "summed_debits 6001"),
    "an amount of the largest number": (
        f"UPDATE transfers SET amount_minor = 9223372036854775807 WHERE seq = {_T1}",
        "sums_follow",
        "summed_debits 9223372036854775807",
    ),
    "sums of the largest number": (
        (
            "UPDATE transfers SET debit_account_debits_minor = 9223372036854775807, "
            "debit_account_pending_debits_minor = 9223372036854775807"
        ),
        "limits_hold",
        "debits 9223372036854775807",
    ),
    "a credit line of the largest number": (
        "UPDATE accounts SET credit_line_minor = 9223372036854775807 WHERE external_ref = 'test:C'",
        "hash_chain",
        "of accounts): a fact was changed",
    ),
    "a stated sum": (
        f"UPDATE transfers SET credit_account_credits_minor = 1 WHERE seq = {_T1}",
        "sums_follow",
        "stored_credits 1, summed_credits 6000",
    ),
    "a stated reservation": (
        "UPDATE transfers SET debit_account_pending_debits_minor = NULL WHERE kind = 'hold' AND amount_minor = 700",
        "sums_follow",
        "stored_pending 0, summed_pending 700",
    ),
    # Transfers that are missing, surplus, swapped, or other than they were.
    "a missing transfer": (f"DELETE FROM transfers WHERE seq = {_T1}", "hash_chain", "missing"),
    "a surplus transfer": (
        (
            "INSERT INTO transfers SELECT (jsonb_populate_record(t, jsonb_build_object('seq', 999999, 'transfer_id', "
            f"gen_random_uuid()))).* FROM transfers t WHERE seq = {_T1}"
        ),
        "hash_chain",
        "after the last batch: 999999 surplus",
    ),
    "two transfers swapped": (
        (
            "UPDATE transfers t SET external_ref = 'one', amount_minor = 1500 - amount_minor "
            "WHERE amount_minor IN (1000, 500) AND group_id IS NOT NULL"
        ),
        "sums_follow",
        "account test:A",
    ),
    "a currency": (f"UPDATE transfers SET currency = 'EUR' WHERE seq = {_T1}", "currencies_agree", "currency EUR"),
    "a reference": (
        f"UPDATE transfers SET external_ref = 'bribe' WHERE seq = {_T1}",
        "hash_chain",
        "of transfers, 2 of monitor_events): a fact was changed",
    ),
    "an accounting date": (
        f"UPDATE transfers SET booked_on = booked_on - 1 WHERE seq = {_T1}",
        "dates_follow_from_calendars",
        "2020-02-29: transfers between position",
    ),
    "an effective time in the future": (
        f"UPDATE transfers SET effective_at = '9000-01-01', booked_on = '9000-01-01' WHERE seq = {_T1}",
        "effective_times_are_past",
        "effective_at 9000-01-01",
    ),
    "an effective time that is no time": (
        f"UPDATE transfers SET effective_at = 'infinity' WHERE seq = {_T1}",
        "effective_times_are_past",
        "effective_at infinity",
    ),
    "an account that is not there": (
        f"UPDATE transfers SET credit_account_no = 999 WHERE seq = {_T1}",
        "references_lead_to_facts",
        "what credit account, which 999",
    ),
    "a partner that is not there": (
        f"UPDATE transfers SET partner_no = 999 WHERE seq = {_T1}",
        "references_lead_to_facts",
        "what partner, which 999",
    ),
    "an actor that is not there": (
        f"UPDATE transfers SET actor_no = 999 WHERE seq = {_T1}",
        "references_lead_to_facts",
        "what actor, which 999",
    ),
    "a transfer that two accounts have": (
        ("UPDATE transfers SET debit_account_no = credit_account_no WHERE kind = 'post'"),
        "holds_end_once_and_rightly",
        "kind post",
    ),
    # Holds, their ends and deadlines.
    "what an end says of its hold": (
        "UPDATE transfers SET amount_minor = 801 WHERE kind = 'post'",
        "holds_end_once_and_rightly",
        "amount 801, held 800",
    ),
    "the kind of an end": (
        "UPDATE transfers SET kind = 'transfer' WHERE kind = 'post'",
        "holds_end_once_and_rightly",
        "kind transfer",
    ),
    "a deadline": (
        "UPDATE transfers SET expires_at = '2100-01-01' WHERE kind = 'hold' AND amount_minor = 700",
        "deadlines_were_kept",
        "ended_by expiry",
    ),
    "an open hold that is missing": ("DELETE FROM open_holds", "open_holds_follow", "is missing among the open holds"),
    "an open hold that is surplus": (
        (
            "INSERT INTO open_holds SELECT book_id, 1, partner_no, expires_at, debit_account_no, credit_account_no "
            "FROM open_holds LIMIT 1"
        ),
        "open_holds_follow",
        "position 1, hold is surplus",
    ),
    "an open hold of another partner": (
        "UPDATE open_holds SET partner_no = partner_no + 1",
        "open_holds_follow",
        "hold differs",
    ),
    # Reversals.
    "a reversal of what is not there": (
        "UPDATE transfers SET reverses_seq = 999999 WHERE reverses_seq IS NOT NULL",
        "reversals_follow",
        "but nothing is there",
    ),
    "a reversal of a hold": (
        (
            "UPDATE transfers SET reverses_seq = (SELECT min(seq) FROM transfers WHERE kind = 'hold') "
            "WHERE reverses_seq IS NOT NULL"
        ),
        "reversals_follow",
        "but that is a hold and moved nothing",
    ),
    "a reversal of other money": (
        f"UPDATE transfers SET reverses_seq = {_T1} WHERE reverses_seq IS NOT NULL",
        "reversals_follow",
        "but it is not the same money the other way",
    ),
    # Outcomes.
    "a refusal that is gone": ("DELETE FROM refused_transfers", "hash_chain", "missing"),
    "a refusal's code": (
        "UPDATE refused_transfers SET result = 'period_closed'",
        "hash_chain",
        "of refused_transfers): a fact was changed",
    ),
    "a refused id that was accepted": (
        f"UPDATE refused_transfers SET transfer_id = (SELECT transfer_id FROM transfers WHERE seq = {_T1})",
        "outcomes_are_final",
        "accepted_at",
    ),
    # Accounts over time: limits, freezes, closings, monitors.
    "a limit": (
        "UPDATE accounts SET debits_within_credits = true WHERE external_ref = 'test:world-USD'",
        "limits_hold",
        "account test:world-USD",
    ),
    "a credit line": (
        "UPDATE accounts SET credit_line_minor = 0 WHERE external_ref = 'test:C'",
        "limits_hold",
        "account test:C",
    ),
    "the currency of an account": (
        "UPDATE accounts SET currency = 'EUR' WHERE external_ref = 'test:B'",
        "currencies_agree",
        "credit_account_in EUR",
    ),
    "a freeze of another account": (
        f"UPDATE account_terms SET account_id = {_A} WHERE frozen = 'debits'",
        "freezes_hold",
        "account test:A, side debit, frozen debits",
    ),
    "an account that was closed": (
        "UPDATE transfers SET closes = 'debit' WHERE kind = 'hold' AND amount_minor = 700",
        "closed_accounts_stay_closed",
        "account test:A",
    ),
    "a monitor's threshold": (
        "UPDATE monitors SET threshold_minor = 1 WHERE comparison = 'below'",
        "monitor_events_follow",
        "derived None",
    ),
    "what a monitor saw": (
        "UPDATE monitor_events SET measured_minor = 9223372036854775807",
        "monitor_events_follow",
        "stored 9223372036854775807, derived 4000",
    ),
    "a monitor trigger that is gone": (
        "DELETE FROM monitor_events",
        "monitor_events_follow",
        "stored None, derived 4000",
    ),
    # Tags.
    "a tag that is missing": ("DELETE FROM transfer_tags", "tags_follow", "tag blue, it is missing"),
    "a tag that is surplus": (
        "INSERT INTO transfer_tags SELECT book_id, partner_no, 'gold', seq FROM transfer_tags",
        "tags_follow",
        "tag gold, it is surplus",
    ),
    # Closed periods.
    "a seal": ("UPDATE period_closings SET seal = 'x'", "seals_follow", "closed until 2020-02-28: the seal"),
    "a closed day": (
        "UPDATE period_closings SET closed_until_on = '2020-03-09'",
        "closed_periods_stay_closed",
        "closed_until_on 2020-03-09",
    ),
}
"""A kind of tampering -> its statements, the check by how it begins, and what stands in the detail."""
