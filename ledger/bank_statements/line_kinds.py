"""Kinds of statement lines: one class for what BAI2, SWIFT and ISO 20022 each say by codes of their own.

Sources: BAI "Cash Management Balance Reporting Specifications, Version 2", appendix A (type codes); SWIFT MT 940 field
61, subfield 6 (transaction type identification codes); ISO 20022 external bank transaction codes (domain, family).
A code that is not listed is `OTHER`, and the bank's code stays beside it.
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import Final


class LineKind(StrEnum):
    """Kinds of lines, the same for every bank."""

    ACH = "ach"
    CARD = "card"
    CASH = "cash"
    CHECK = "check"
    CONCENTRATION = "concentration"
    DEPOSIT = "deposit"
    DIRECT_DEBIT = "direct_debit"
    FEE = "fee"
    FOREIGN_EXCHANGE = "foreign_exchange"
    INSTANT = "instant"
    INTEREST = "interest"
    LOCKBOX = "lockbox"
    RETURN = "return"
    SECURITIES = "securities"
    TRANSFER = "transfer"
    WIRE = "wire"
    OTHER = "other"


def iso_kind(domain: str, family: str, sub_family: str) -> LineKind:
    """Return the kind of a line with ISO 20022's bank transaction code; the sub-family decides fees and returns."""
    for known, kind in ((_ISO_FEES, LineKind.FEE), (_ISO_INTEREST, LineKind.INTEREST), (_ISO_RETURNS, LineKind.RETURN)):
        if sub_family in known:
            return kind
    found = ISO_KINDS.get(f"{domain}.{family}.{sub_family}") or ISO_KINDS.get(f"{domain}.{family}")
    return found or ISO_KINDS.get(domain, LineKind.OTHER)


_BY_BAI: Final[Mapping[LineKind, str]] = {
    LineKind.ACH: "142 143 145 164 165 166 168 169 445 447 451 452 455 462 464 466 468 469",
    LineKind.CARD: "147 295",
    LineKind.CHECK: "472 474 475 476 477 484",
    LineKind.CONCENTRATION: "135 136 274 275 276 277 278 485 575 577 578",
    LineKind.DEPOSIT: "172 173 174 175 176 184 187 301",
    LineKind.FEE: "398 564 567 661 698",
    LineKind.FOREIGN_EXCHANGE: "214 514",
    LineKind.INSTANT: "158 458",
    LineKind.INTEREST: "354 359 654",
    LineKind.LOCKBOX: "115 116 118 415",
    LineKind.RETURN: "252 254 255 257 258 261 266 268 395 552 554 555 557 558 561 566 568",
    LineKind.SECURITIES: "202 232 233 234 235 236 238 240 241 242 244 246 247",
    LineKind.TRANSFER: "191 201 206 491 501 506",
    LineKind.WIRE: "195 196 208 493 495 496 508",
}

_BY_SWIFT: Final[Mapping[LineKind, str]] = {
    LineKind.CASH: "CSH",
    LineKind.CHECK: "CHK CLR TCK ECK",
    LineKind.DIRECT_DEBIT: "DDT COL",
    LineKind.FEE: "CHG COM BRF",
    LineKind.FOREIGN_EXCHANGE: "FEX",
    LineKind.INTEREST: "INT",
    LineKind.RETURN: "RTI",
    LineKind.SECURITIES: "SEC DIV",
    LineKind.TRANSFER: "TRF BOE STO LDP FMS",
}

_BY_ISO: Final[Mapping[LineKind, str]] = {
    LineKind.CARD: "PMNT.CCRD PMNT.MCRD PMNT.ICDT.POSD",
    LineKind.CASH: "PMNT.CNTR",
    LineKind.CHECK: "PMNT.ICHQ PMNT.RCHQ PMNT.DRFT",
    LineKind.CONCENTRATION: "CAMT.ACCB CAMT.CAPL",
    LineKind.DIRECT_DEBIT: "PMNT.IDDT PMNT.RDDT",
    LineKind.FOREIGN_EXCHANGE: "FORX",
    LineKind.INSTANT: "PMNT.IRCT PMNT.RRCT",
    LineKind.LOCKBOX: "PMNT.LBOX",
    LineKind.SECURITIES: "SECU",
    LineKind.TRANSFER: "PMNT.ICDT PMNT.RCDT",
}

_ISO_FEES: Final = frozenset({"CHRG", "COMM", "COME", "FEES"})
_ISO_INTEREST: Final = frozenset({"INTR"})
_ISO_RETURNS: Final = frozenset({"RRTN", "RPCR", "ARET", "UPDD", "PRDD", "RCDD", "UPCQ", "NPCC"})


def _inverted(by_kind: Mapping[LineKind, str]) -> Mapping[str, LineKind]:
    return {code: kind for kind, codes in by_kind.items() for code in codes.split()}


BAI_KINDS: Final[Mapping[str, LineKind]] = _inverted(_BY_BAI)
"""Kinds by the type code of BAI2."""

SWIFT_KINDS: Final[Mapping[str, LineKind]] = _inverted(_BY_SWIFT)
"""Kinds by the transaction type of field 61, without its first letter (N, S or F)."""

ISO_KINDS: Final[Mapping[str, LineKind]] = _inverted(_BY_ISO)
"""Kinds by domain and family of ISO 20022, `PMNT.RCDT`, or by the domain alone."""
