"""The taxonomy of payment failures: why a payment failed, the same over every rail, beside the rail's raw code."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Final


class PaymentFailure(StrEnum):
    """Reasons for which a payment was rejected, returned or recalled."""

    ACCOUNT_BLOCKED = "account_blocked"
    ACCOUNT_CLOSED = "account_closed"
    ACCOUNT_NOT_FOUND = "account_not_found"
    ACCOUNT_NOT_SUITABLE = "account_not_suitable"
    ALREADY_RETURNED = "already_returned"
    AMOUNT_INVALID = "amount_invalid"
    AUTHORIZATION_MISSING = "authorization_missing"
    AUTHORIZATION_REVOKED = "authorization_revoked"
    BENEFICIARY_DECEASED = "beneficiary_deceased"
    BENEFICIARY_MISMATCH = "beneficiary_mismatch"
    DUPLICATE = "duplicate"
    FORMAT_INVALID = "format_invalid"
    FRAUD_SUSPECTED = "fraud_suspected"
    INSUFFICIENT_FUNDS = "insufficient_funds"
    LIMIT_EXCEEDED = "limit_exceeded"
    NOT_SUPPORTED = "not_supported"
    ORIGINATOR_REQUEST = "originator_request"
    PARTICIPANT_UNAVAILABLE = "participant_unavailable"
    REFUSED_BY_RECEIVER = "refused_by_receiver"
    REGULATORY = "regulatory"
    ROUTING_INVALID = "routing_invalid"
    STOPPED = "stopped"
    TIMEOUT = "timeout"
    TOO_LATE = "too_late"
    UNSPECIFIED = "unspecified"


FAILURES: Final[Mapping[PaymentFailure, str]] = {
    PaymentFailure.ACCOUNT_BLOCKED: "The account is blocked or frozen.",
    PaymentFailure.ACCOUNT_CLOSED: "The account is closed.",
    PaymentFailure.ACCOUNT_NOT_FOUND: "No account has this number, or the number is malformed.",
    PaymentFailure.ACCOUNT_NOT_SUITABLE: "The account takes no payments of this kind.",
    PaymentFailure.ALREADY_RETURNED: "The payment was returned or cancelled before.",
    PaymentFailure.AMOUNT_INVALID: "The amount is not allowed, or not the agreed one.",
    PaymentFailure.AUTHORIZATION_MISSING: "The payer did not authorise the payment.",
    PaymentFailure.AUTHORIZATION_REVOKED: "The payer took its authorisation back.",
    PaymentFailure.BENEFICIARY_DECEASED: "The account's holder has died.",
    PaymentFailure.BENEFICIARY_MISMATCH: "The name does not belong to the account.",
    PaymentFailure.DUPLICATE: "The payment was sent before.",
    PaymentFailure.FORMAT_INVALID: "The message or file breaks a rule of its format.",
    PaymentFailure.FRAUD_SUSPECTED: "Fraud is suspected or was reported.",
    PaymentFailure.INSUFFICIENT_FUNDS: "The account does not have the money.",
    PaymentFailure.LIMIT_EXCEEDED: "The amount is above a limit of the rail or of the participant.",
    PaymentFailure.NOT_SUPPORTED: "The participant does not offer this kind of payment or currency.",
    PaymentFailure.ORIGINATOR_REQUEST: "The sender asked for the payment back.",
    PaymentFailure.PARTICIPANT_UNAVAILABLE: "The other bank or the network was not reachable.",
    PaymentFailure.REFUSED_BY_RECEIVER: "The receiver did not want the payment.",
    PaymentFailure.REGULATORY: "A legal or regulatory reason, which may not be told more closely.",
    PaymentFailure.ROUTING_INVALID: "The bank's number is wrong, or it does not take part.",
    PaymentFailure.STOPPED: "The payer stopped this payment.",
    PaymentFailure.TIMEOUT: "No answer came within the rail's time.",
    PaymentFailure.TOO_LATE: "The time for this request has passed.",
    PaymentFailure.UNSPECIFIED: "The other side gave no reason, or one that says nothing.",
}
"""Each failure in a sentence, for people."""

MAY_RETRY: Final[frozenset[PaymentFailure]] = frozenset(
    {PaymentFailure.INSUFFICIENT_FUNDS, PaymentFailure.PARTICIPANT_UNAVAILABLE}
)
"""Failures after which the same payment may be sent again later.

Not after `TIMEOUT`: the payment may have been made, which the rail's own inquiry tells first.
"""
