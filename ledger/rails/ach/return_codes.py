"""Return reason codes R01 to R85 and R90: what each means, who may use it, and within which time."""

from enum import Enum
from typing import Final, NamedTuple


class ReturnStage(Enum):
    """The step of a return: by the receiver's bank, dishonored by the originator's, contested by the receiver's."""

    RETURN = "return"
    DISHONORED = "dishonored return"
    CONTESTED = "contested dishonored return"
    GATEWAY = "return by a gateway"


class ReturnWindow(Enum):
    """The time for a return, counted from the settlement date of the entry that it answers, and its source."""

    TWO_BANKING_DAYS = ("2 banking days", "Nacha Operating Rules, Subsection 3.8.1")
    SIXTY_DAYS = ("60 calendar days", "Nacha Operating Rules, Subsection 3.13.1")
    FIVE_BANKING_DAYS = ("5 banking days", "Nacha Operating Rules, Subsection 2.12.5.1")
    CONTEST = ("2 banking days", "Nacha Operating Rules, Subsection 3.8.5.1")
    BY_AGREEMENT = ("as the banks agree", "Nacha Operating Rules, Subsection 3.8.1")


class ReturnCode(NamedTuple):
    """A reason: its title, the step and window that it belongs to, and the only classes that may use it, if few."""

    code: str
    title: str
    window: ReturnWindow = ReturnWindow.TWO_BANKING_DAYS
    stage: ReturnStage = ReturnStage.RETURN
    classes: tuple[str, ...] = ()
    may_retry: bool = False


_CHECKS: Final = ("ARC", "BOC", "POP")


def _customer(code: str, title: str, *classes: str) -> ReturnCode:
    return ReturnCode(code, title, ReturnWindow.SIXTY_DAYS, classes=classes)


def _agreed(code: str, title: str, *classes: str) -> ReturnCode:
    return ReturnCode(code, title, ReturnWindow.BY_AGREEMENT, classes=classes)


def _enrollment(code: str, title: str) -> ReturnCode:
    return ReturnCode(code, title, classes=("ENR",))


def _dishonored(code: str, title: str) -> ReturnCode:
    return ReturnCode(code, title, ReturnWindow.FIVE_BANKING_DAYS, ReturnStage.DISHONORED)


def _contested(code: str, title: str) -> ReturnCode:
    return ReturnCode(code, title, ReturnWindow.CONTEST, ReturnStage.CONTESTED)


def _gateway(code: str, title: str) -> ReturnCode:
    return ReturnCode(code, title, stage=ReturnStage.GATEWAY, classes=("IAT",))


_CODES: Final = (
    ReturnCode("R01", "insufficient funds", may_retry=True),
    ReturnCode("R02", "account closed"),
    ReturnCode("R03", "no account, or unable to locate it"),
    ReturnCode("R04", "invalid account number structure"),
    _customer("R05", "corporate debit to a consumer account without authorization", "CCD", "CTX"),
    _agreed("R06", "returned at the request of the originating bank"),
    _customer("R07", "authorization revoked by the customer"),
    ReturnCode("R08", "payment stopped", may_retry=True),
    ReturnCode("R09", "uncollected funds", may_retry=True),
    _customer("R10", "originator not known to the receiver, or not authorized to debit"),
    _customer("R11", "entry not in accordance with the terms of the authorization"),
    ReturnCode("R12", "account sold to another bank"),
    ReturnCode("R13", "invalid routing number of the receiving bank"),
    ReturnCode("R14", "representative payee deceased or unable to continue"),
    ReturnCode("R15", "beneficiary or account holder deceased"),
    ReturnCode("R16", "account frozen, or entry returned on an instruction of OFAC"),
    ReturnCode("R17", "record with faults, or entry under questionable circumstances"),
    ReturnCode("R18", "improper effective entry date"),
    ReturnCode("R19", "amount field in error"),
    ReturnCode("R20", "account that may not transact"),
    ReturnCode("R21", "invalid company identification"),
    ReturnCode("R22", "invalid individual identification number"),
    ReturnCode("R23", "credit refused by the receiver"),
    ReturnCode("R24", "duplicate entry"),
    ReturnCode("R25", "addenda in error"),
    ReturnCode("R26", "mandatory field in error"),
    ReturnCode("R27", "trace number in error"),
    ReturnCode("R28", "check digit of the routing number in error"),
    ReturnCode("R29", "corporate customer advises that the debit is not authorized"),
    ReturnCode("R30", "receiving bank takes no part in check truncation", classes=("TRC", "TRX")),
    _agreed("R31", "return that the originating bank permits", "CCD", "CTX"),
    ReturnCode("R32", "receiving bank cannot settle"),
    _customer("R33", "return of a destroyed check", "XCK"),
    ReturnCode("R34", "participation of the receiving bank limited by a supervisor"),
    ReturnCode("R35", "improper debit", classes=("CIE",)),
    ReturnCode("R36", "improper credit", classes=(*_CHECKS, "RCK", "TEL", "TRC", "TRX", "XCK")),
    _customer("R37", "source document presented for payment", *_CHECKS),
    _customer("R38", "stop payment on the source document", "ARC", "BOC"),
    ReturnCode("R39", "improper source document, or source document presented for payment", classes=_CHECKS),
    _enrollment("R40", "enrollment returned by the federal agency"),
    _enrollment("R41", "invalid transaction code"),
    _enrollment("R42", "routing number or check digit in error"),
    _enrollment("R43", "invalid account number"),
    _enrollment("R44", "invalid individual or company identification number"),
    _enrollment("R45", "invalid individual or company name"),
    _enrollment("R46", "invalid representative payee indicator"),
    _enrollment("R47", "duplicate enrollment"),
    ReturnCode("R50", "state law on the acceptance of represented checks", classes=("RCK",)),
    _customer("R51", "item not eligible, or entry improper", "RCK"),
    _customer("R52", "stop payment on the item", "RCK"),
    _customer("R53", "item and entry both presented for payment", "RCK"),
    _dishonored("R61", "misrouted return"),
    _dishonored("R62", "return of an erroneous or reversing debit"),
    _dishonored("R67", "duplicate return"),
    _dishonored("R68", "untimely return"),
    _dishonored("R69", "fields of the return in error"),
    _dishonored("R70", "return not permitted or not requested by the originating bank"),
    _contested("R71", "misrouted dishonored return"),
    _contested("R72", "untimely dishonored return"),
    _contested("R73", "original return was timely"),
    _contested("R74", "corrected return"),
    _contested("R75", "return not a duplicate"),
    _contested("R76", "no errors found"),
    _contested("R77", "dishonored return R62 not accepted"),
    _gateway("R80", "entry coding error"),
    _gateway("R81", "gateway takes no part in the programme"),
    _gateway("R82", "invalid identification of the foreign receiving bank"),
    _gateway("R83", "foreign receiving bank unable to settle"),
    _gateway("R84", "entry not forwarded by the gateway"),
    ReturnCode("R85", "international payment coded as a domestic one", stage=ReturnStage.GATEWAY),
    ReturnCode("R90", "sanctions compliance obligations of the receiving bank"),
)

RETURN_CODES: Final = {each.code: each for each in _CODES}
"""Every return reason code (Nacha Operating Rules, Appendix Four)."""
