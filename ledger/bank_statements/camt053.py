"""Reads camt.053, ISO 20022's bank-to-customer statement, versions 02 to 14, entry by entry in flat memory."""

import re
from collections.abc import Callable, Iterator
from datetime import date, datetime
from typing import Any, BinaryIO, Final

from ledger.bank_statements.line_kinds import LineKind, iso_kind
from ledger.bank_statements.lines import (
    BalanceKind,
    Discrepancy,
    StatementBalance,
    StatementEnd,
    StatementLine,
    StatementPart,
    StatementStart,
    decimals_of,
)
from ledger.kernel.errors import InvalidFormat
from ledger.kernel.xml import Node, local_name, stream_elements

NAMESPACE: Final = "urn:iso:std:iso:20022:tech:xsd:camt.053.001."
VERSIONS: Final = range(2, 15)
"""The versions that are read: from 02, the first of wide use, to 14."""

_STATUS_IS_A_CHOICE_FROM: Final = 8
"""The version from which an entry's status is `Sts/Cd` or `Sts/Prtry`, and no text any more."""

_AMOUNT: Final = re.compile(r"([0-9]{1,18})(?:\.([0-9]{0,5}))?", re.ASCII)
"""ActiveOrHistoricCurrencyAndAmount: 18 digits, 5 of them behind the point, never below zero."""

_BALANCES: Final = {
    "OPBD": BalanceKind.OPENING_BOOKED,
    "PRCD": BalanceKind.OPENING_BOOKED,
    "CLBD": BalanceKind.CLOSING_BOOKED,
    "OPAV": BalanceKind.OPENING_AVAILABLE,
    "CLAV": BalanceKind.CLOSING_AVAILABLE,
    "ITBD": BalanceKind.INTERIM_BOOKED,
    "ITAV": BalanceKind.INTERIM_AVAILABLE,
    "FWAV": BalanceKind.FORWARD_AVAILABLE,
}
"""Kinds by ExternalBalanceType1Code. PRCD, the closing balance of the period before, opens where no OPBD is stated."""


def camt053_parts(source: BinaryIO) -> Iterator[StatementPart]:
    """Yield the parts of every statement of a message. Raises `InvalidFormat` with the path of the element."""
    version, number, statement = 0, 0, _Statement(0)
    for event, element in stream_elements(source, ("Document", "Stmt", "Ntry")):
        name = local_name(element)
        if event == "start":
            if element.getparent() is None:
                version = _version_of(Node(element, f"/{name}"))
            elif name == "Stmt":
                number += 1
                statement = _Statement(version, Node(element, f"/Document/BkToCstmrStmt/Stmt[{number}]"))
        elif name == "Ntry":
            yield from statement.entry(element)
        elif name == "Stmt":
            yield from statement.end()
            _dropped(element)
    if number == 0:
        raise InvalidFormat("/Document/BkToCstmrStmt", "Stmt", "nothing", "a message has one statement or more")


class _Statement:
    """One statement while it is read: its head is given out before its first entry, its sums are held at its end."""

    def __init__(self, version: int, node: Node | None = None) -> None:
        self._version = version
        self._node = node
        self._start: StatementStart | None = None
        self._entries = 0
        self._sums = {"CRDT": 0, "DBIT": 0}
        self._counts = {"CRDT": 0, "DBIT": 0}

    def entry(self, element: Any) -> Iterator[StatementPart]:
        """Yield the line of an entry, behind the head of the statement if it is the first."""
        assert self._node is not None, "an entry stands in a statement"
        yield from self._opened()
        assert self._start is not None, "the head stands before the first line"
        self._entries += 1
        entry = Node(element, f"{self._node.path}/Ntry[{self._entries}]")
        line = _line(entry, self._version, self._start.currency)
        side = "DBIT" if line.amount_minor < 0 else "CRDT"
        self._sums[side] += abs(line.amount_minor)
        self._counts[side] += 1
        yield line
        _dropped(element)

    def end(self) -> Iterator[StatementPart]:
        """Yield the end of the statement, with where its summary contradicts its entries."""
        yield from self._opened()
        yield StatementEnd(discrepancies=tuple(self._contradictions()))

    def _opened(self) -> Iterator[StatementPart]:
        if self._start is None:
            assert self._node is not None, "a statement has its element"
            self._start = _start(self._node)
            yield self._start

    def _contradictions(self) -> Iterator[Discrepancy]:
        assert self._node is not None, "a statement has its element"
        assert self._start is not None, "the head stands before the end"
        kinds = {each.kind for each in self._start.balances}
        if not {BalanceKind.OPENING_BOOKED, BalanceKind.CLOSING_BOOKED} <= kinds:
            yield Discrepancy(self._node.path, "the statement lacks an opening or closing booked balance")
        path = f"{self._node.path}/TxsSummry"
        stated = {each: self._node.child(f"TxsSummry/{each}") for each in ("TtlCdtNtries", "TtlDbtNtries")}
        for (name, total), side in zip(stated.items(), ("CRDT", "DBIT"), strict=True):
            if total is None:
                continue
            if (count := total.text("NbOfNtries")) and count != str(self._counts[side]):
                yield Discrepancy(f"{path}/{name}", f"states {count} entries, and there are {self._counts[side]}")
            if (amount := total.child("Sum")) and _minor(amount, self._start.currency) != self._sums[side]:
                yield Discrepancy(f"{path}/{name}", f"states a sum of {amount.value}, which is not that of the entries")


def _version_of(root: Node) -> int:
    """Return the version that the root's namespace names."""
    found = root.namespace.removeprefix(NAMESPACE)
    if root.name != "Document" or not root.namespace.startswith(NAMESPACE) or not found.isdecimal():
        raise InvalidFormat(root.path, "xmlns", root.namespace or "no namespace", f"it is {NAMESPACE}02 to 14")
    if int(found) not in VERSIONS:
        raise InvalidFormat(root.path, "xmlns", root.namespace, "the versions 02 to 14 are read")
    return int(found)


def _start(node: Node) -> StatementStart:
    currency = node.text("Acct/Ccy") or next(
        (amount.element.get("Ccy", "") for each in node.children("Bal") if (amount := each.child("Amt"))), ""
    )
    period = node.child("FrToDt")
    balances = tuple(_balance(each, currency or None) for each in node.children("Bal"))
    return StatementStart(
        place=node.path,
        number=node.first("ElctrncSeqNb", "LglSeqNb") or node.needed_text("Id"),
        account=node.needed("Acct").first("Id/IBAN", "Id/Othr/Id"),
        currency=currency or None,
        from_on=None if period is None else _day(period, "FrDtTm", "FrDt"),
        until_on=None if period is None else _day(period, "ToDtTm", "ToDt"),
        balances=_with_one_opening(balances),
    )


def _with_one_opening(balances: tuple[StatementBalance, ...]) -> tuple[StatementBalance, ...]:
    """Let a stated opening balance stand before the closing one of the period before."""
    return tuple(sorted(balances, key=lambda each: each.bank_code == "PRCD"))


def _balance(node: Node, currency: str | None) -> StatementBalance:
    code = node.first("Tp/CdOrPrtry/Cd", "Tp/CdOrPrtry/Prtry")
    if not code:
        raise InvalidFormat(node.path, "Tp/CdOrPrtry", "nothing", "a balance names its type, such as OPBD or CLBD")
    kind = _BALANCES.get(code, BalanceKind.OTHER)
    return StatementBalance(kind, _signed(node, currency), _day(node.needed("Dt"), "Dt", "DtTm"), code)


def _line(node: Node, version: int, currency: str | None) -> StatementLine:
    details = [each for part in node.children("NtryDtls") for each in part.children("TxDtls")]
    batched = sum(int(text) for part in node.children("NtryDtls") if (text := part.text("Btch/NbOfTxs")).isdecimal())
    code, kind = _code(node)
    reason = next((text for each in details if (text := each.first("RtrInf/Rsn/Cd", "RtrInf/Rsn/Prtry"))), "")
    return StatementLine(
        place=node.path,
        amount_minor=_signed(node, currency),
        booked_on=_day(node.child("BookgDt"), "Dt", "DtTm"),
        value_on=_day(node.child("ValDt"), "Dt", "DtTm"),
        bank_code=code,
        kind=LineKind.RETURN if reason else kind,
        bank_reference=node.first("AcctSvcrRef", "NtryRef"),
        references=_references(details),
        text=_text(node, details),
        reason=reason,
        parts=max(batched, len(details), 1),
        is_booked=_status(node, version) == "BOOK",
        is_reversal=node.text("RvslInd") in ("true", "1"),
    )


def _status(node: Node, version: int) -> str:
    """Return BOOK, PDNG, INFO or a bank's own status; its place depends on the version."""
    status = node.needed("Sts")
    if version >= _STATUS_IS_A_CHOICE_FROM:
        if status.value:
            raise status.wrong(f"from version {_STATUS_IS_A_CHOICE_FROM:02d} on, the status stands in Sts/Cd")
        code = status.first("Cd", "Prtry")
        if not code:
            raise InvalidFormat(status.path, "Cd", "nothing", "the status is a code, such as BOOK")
        return code
    if status.value not in ("BOOK", "PDNG", "INFO", "FUTR"):
        raise status.wrong("the status is BOOK, PDNG or INFO")
    return status.value


def _signed(node: Node, currency: str | None) -> int:
    amount, side = _minor(node.needed("Amt"), currency), node.needed("CdtDbtInd")
    if side.value not in ("CRDT", "DBIT"):
        raise side.wrong("it is CRDT or DBIT")
    return amount if side.value == "CRDT" else -amount


def _minor(node: Node, currency: str | None) -> int:
    """Return an amount in minor units; a currency of its own must be that of the account."""
    own = node.element.get("Ccy")
    if own is not None and currency is not None and own != currency:
        raise InvalidFormat(node.path, "Ccy", own, f"an entry is in the currency of its account, {currency}")
    found = _AMOUNT.fullmatch(node.value)
    decimals = decimals_of(own or currency)
    if found is None or (found[2] or "")[decimals:].strip("0"):
        raise node.wrong(f"an amount has 18 digits at most and {decimals} decimals, and no sign")
    return int(found[1] + (found[2] or "")[:decimals].ljust(decimals, "0"))


def _day(node: Node | None, *names: str) -> date | None:
    """Return the day of the first of these elements, as its own time zone counts it."""
    found = next((each for name in names if node is not None and (each := node.child(name)) is not None), None)
    if found is None:
        return None
    read: Callable[[str], date] = datetime.fromisoformat if "T" in found.value else date.fromisoformat
    try:
        day = read(found.value.removesuffix("Z") if "T" not in found.value else found.value)
    except ValueError:
        raise found.wrong("a day is written 2026-11-28, an instant 2026-11-28T17:00:00+01:00") from None
    return day.date() if isinstance(day, datetime) else day


def _code(node: Node) -> tuple[str, LineKind]:
    domain, family = node.text("BkTxCd/Domn/Cd"), node.text("BkTxCd/Domn/Fmly/Cd")
    sub_family = node.text("BkTxCd/Domn/Fmly/SubFmlyCd")
    if domain:
        return ".".join(filter(None, (domain, family, sub_family))), iso_kind(domain, family, sub_family)
    return node.text("BkTxCd/Prtry/Cd"), LineKind.OTHER


def _references(details: list[Node]) -> tuple[str, ...]:
    names = ("Refs/EndToEndId", "Refs/TxId", "Refs/UETR", "Refs/InstrId", "Refs/MsgId", "Refs/ChqNb")
    found = (each.text(name) for each in details for name in names)
    return tuple(dict.fromkeys(text for text in found if text and text != "NOTPROVIDED"))


def _text(node: Node, details: list[Node]) -> str:
    remittance = [part.value for each in details if (info := each.child("RmtInf")) for part in info.children("Ustrd")]
    return "\n".join(filter(None, [*remittance, node.text("AddtlNtryInf")]))


def _dropped(element: Any) -> None:
    """Free what was read: the element's content, and its place in its parent."""
    parent = element.getparent()
    if parent is not None:
        parent.remove(element)
