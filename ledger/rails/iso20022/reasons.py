"""Reasons of ISO 20022's external code sets that payments meet, each mapped to the taxonomy of failures.

Source: ISO 20022 External Code Sets: ExternalStatusReason1Code, ExternalReturnReason1Code,
ExternalCancellationReason1Code and ExternalPaymentCancellationRejection1Code. A code that is not listed is
`UNSPECIFIED`; the raw code is kept beside it.
"""

from collections.abc import Mapping
from datetime import date
from enum import StrEnum
from typing import Final

from ledger.rails.failures import PaymentFailure

AS_OF: Final = date(2026, 11, 28)
"""The day on which this table was last held against the code sets."""


class ReasonSet(StrEnum):
    """The code sets: few codes, such as AC16, mean different things in two of them."""

    STATUS = "status"
    RETURN = "return"
    CANCELLATION = "cancellation"
    CANCELLATION_REJECTION = "cancellation_rejection"


_SHARED: Final[Mapping[PaymentFailure, str]] = {
    PaymentFailure.ACCOUNT_BLOCKED: "AC06 AG07",
    PaymentFailure.ACCOUNT_CLOSED: "AC04 AC05 AC07",
    PaymentFailure.ACCOUNT_NOT_FOUND: "AC01 AC02 AC03 AC15 BE06 BE23 TK02 TK03",
    PaymentFailure.ACCOUNT_NOT_SUITABLE: "AC12 AC13 AC14 AG01",
    PaymentFailure.ALREADY_RETURNED: "ARDT AG13 FF12",
    PaymentFailure.AMOUNT_INVALID: "AM01 AM06 AM09 AM10 AM12 AM15 AM22",
    PaymentFailure.AUTHORIZATION_MISSING: "MD01 MD05 CN01 AG08",
    PaymentFailure.BENEFICIARY_DECEASED: "MD07",
    PaymentFailure.BENEFICIARY_MISMATCH: "BE01 BE21 BE22 TKCM",
    PaymentFailure.DUPLICATE: "AM05 DUPL DU01 DU02 DU03 DU04 DU05",
    PaymentFailure.FORMAT_INVALID: "FF01 FF02 FF03 FF04 FF05 FF06 FF07 FF08 CH16 CH17 CH20 CH21 DT01 DT02 BE08 "
    "AM18 AM19",
    PaymentFailure.FRAUD_SUSPECTED: "FRAD FR01",
    PaymentFailure.INSUFFICIENT_FUNDS: "AM04",
    PaymentFailure.LIMIT_EXCEEDED: "AM02 AM13 AM14 AM21 AM23 SL15 SL16",
    PaymentFailure.NOT_SUPPORTED: "AC09 AC10 AC11 AG02 AG03 AM03 AM11 CURR NOAR DT04 ERIN",
    PaymentFailure.ORIGINATOR_REQUEST: "CUST DS02 FOCR MD06 TECH UPAY",
    PaymentFailure.PARTICIPANT_UNAVAILABLE: "AB02 AB04 AB07 AB08 AB09 AB10 AG10 AG11 ED06 FF10",
    PaymentFailure.REFUSED_BY_RECEIVER: "ARFR ARJR BE05 SL02 SL12",
    PaymentFailure.REGULATORY: "AM07 NOCM RR01 RR02 RR03 RR04 RR05 LEGL",
    PaymentFailure.ROUTING_INVALID: "AGNT CNOR RC01 RC02 RC03 RC04 RC05 RC06 RC07 RC08 RC09 RC10 RC11 AC08",
    PaymentFailure.TIMEOUT: "AB01 AB03 AB05 AB06 AB11",
    PaymentFailure.TOO_LATE: "TM01 DT05 EDTR CH04 ARPL DS24",
    PaymentFailure.UNSPECIFIED: "MS02 MS03 NARR",
}
_OWN: Final[Mapping[ReasonSet, Mapping[str, PaymentFailure]]] = {
    ReasonSet.STATUS: {"AC16": PaymentFailure.ACCOUNT_NOT_FOUND},
    ReasonSet.RETURN: {"AC16": PaymentFailure.ACCOUNT_BLOCKED, "AC17": PaymentFailure.ACCOUNT_BLOCKED},
    ReasonSet.CANCELLATION: {},
    ReasonSet.CANCELLATION_REJECTION: {"NOAS": PaymentFailure.TIMEOUT, "PTNA": PaymentFailure.TOO_LATE},
}
_BY_CODE: Final[Mapping[str, PaymentFailure]] = {
    code: failure for failure, codes in _SHARED.items() for code in codes.split()
}


def failure_of(code: str, reasons: ReasonSet) -> PaymentFailure:
    """Return the failure that a reason code of a set means."""
    return _OWN[reasons].get(code) or _BY_CODE.get(code, PaymentFailure.UNSPECIFIED)


def codes_of_reasons() -> Mapping[PaymentFailure, tuple[str, ...]]:
    """Return the codes that mean each failure in every set, for the guide."""
    return {failure: tuple(codes.split()) for failure, codes in _SHARED.items()}
