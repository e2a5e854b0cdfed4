"""Statements of account in ISO 20022's camt.053.001.08: written statement by statement, and held to its rules."""

from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, Final, NamedTuple

from lxml import etree

from ledger.kernel.money import Money

NAMESPACE: Final = "urn:iso:std:iso:20022:tech:xsd:camt.053.001.08"
SCHEMA: Final = "camt.053.001.08.xsd"

_TEXT_MAX: Final = 35
_NOTE_MAX: Final = 500
_NAMESPACES: Final = {None: NAMESPACE}
_Q: Final = f"{{{NAMESPACE}}}"


class StatementLine(NamedTuple):
    """A booked entry: its reference and the account servicer's, the change of the balance, its dates and code."""

    reference: str
    change: Money
    booked_on: date
    valued_at: datetime
    code: str
    own_reference: str | None


class AccountStatement(NamedTuple):
    """A statement of one account: its id, the balance before the first line, and the lines in their order.

    A positive balance is a credit of the owner of the account.
    """

    account: str
    opening: Money
    lines: Iterable[StatementLine]


class Written(NamedTuple):
    """The statements and entries of a file, and per currency the sums of openings, credits, debits and closings."""

    statements: int
    entries: int
    sums: dict[str, tuple[int, int, int, int]]


def write_statements(
    path: Path, message_id: str, period: tuple[date, date, datetime], statements: Iterable[AccountStatement]
) -> Written:
    """Write a file with the statements of a period: its first and last date, and the instant at which it ended.

    That instant is the time of creation as well, so that statements without a change have the same bytes at any
    position.
    """
    created = _instant(period[2])
    count = entries = 0
    sums: dict[str, tuple[int, int, int, int]] = {}
    with etree.xmlfile(str(path), encoding="UTF-8") as file:
        file.write_declaration()
        with file.element(f"{_Q}Document", nsmap=_NAMESPACES), file.element(f"{_Q}BkToCstmrStmt"):
            file.write(_element("GrpHdr", ("MsgId", message_id), ("CreDtTm", created)))
            for statement in statements:
                with file.element(f"{_Q}Stmt"):
                    written = _write_statement(file, statement, period[:2], created)
                entries += written[0]
                opening, credit, debit, closing = sums.get(statement.opening.currency, (0, 0, 0, 0))
                own = written[1]
                sums[statement.opening.currency] = (opening + own[0], credit + own[1], debit + own[2], closing + own[3])
                count += 1
    return Written(count, entries, sums)


def structural_faults(path: Path) -> Iterator[str]:
    """Yield what is wrong with a file by the rules of its message: sums, currencies, lengths, ids that come twice."""
    seen: set[str] = set()
    with path.open("rb") as file:
        for _, statement in etree.iterparse(file, tag=f"{_Q}Stmt"):
            name = statement.findtext(f"{_Q}Id")
            if name in seen:
                yield f"statement {name} comes twice"
            seen.add(name)
            yield from (f"statement {name}: {fault}" for fault in _faults_of(statement))
            statement.clear()
            while statement.getprevious() is not None:
                del statement.getparent()[0]


def _write_statement(
    file: Any, statement: AccountStatement, period: tuple[date, date], created: str
) -> tuple[int, tuple[int, int, int, int]]:
    """Write one statement and return the number of its entries, and its sums."""
    lines = list(statement.lines)
    currency = statement.opening.currency
    credits_minor = sum(line.change.minor for line in lines if line.change.minor > 0)
    debits_minor = -sum(line.change.minor for line in lines if line.change.minor < 0)
    closing = statement.opening + Money(credits_minor - debits_minor, currency)
    file.write(_text("Id", f"{period[1]:%Y%m%d}-{statement.account[-26:]}"))
    file.write(_text("CreDtTm", created))
    account = etree.Element("Acct")
    account.append(_element("Id", other := etree.Element("Othr")))
    other.append(_text("Id", statement.account))
    account.append(_text("Ccy", currency))
    file.write(account)
    file.write(_balance("OPBD", statement.opening, period[0]))
    file.write(_balance("CLBD", closing, period[1]))
    file.write(_summary(len(lines), Money(credits_minor, currency), Money(debits_minor, currency)))
    for line in lines:
        file.write(_entry(line))
    return len(lines), (statement.opening.minor, credits_minor, debits_minor, closing.minor)


def _entry(line: StatementLine) -> Any:
    entry = _element("Ntry", ("NtryRef", line.reference), *_amount(line.change))
    entry.append(_element("Sts", ("Cd", "BOOK")))
    entry.append(_element("BookgDt", ("Dt", str(line.booked_on))))
    entry.append(_element("ValDt", ("DtTm", _instant(line.valued_at))))
    entry.append(_text("AcctSvcrRef", line.reference))
    entry.append(_element("BkTxCd", _element("Prtry", ("Cd", line.code[:_TEXT_MAX]))))
    if line.own_reference is not None and len(line.own_reference) <= _TEXT_MAX:
        details = _element("TxDtls", _element("Refs", ("EndToEndId", line.own_reference)))
        entry.append(_element("NtryDtls", details))
    elif line.own_reference is not None:
        entry.append(_text("AddtlNtryInf", line.own_reference[:_NOTE_MAX]))
    return entry


def _balance(kind: str, balance: Money, on: date) -> Any:
    element = _element("Bal", _element("Tp", _element("CdOrPrtry", ("Cd", kind))), *_amount(balance))
    element.append(_element("Dt", ("Dt", str(on))))
    return element


def _summary(count: int, credited: Money, debited: Money) -> Any:
    total = credited - debited
    net = _element("TtlNetNtry", ("Amt", _absolute(total)), ("CdtDbtInd", _side(total)))
    every = _element("TtlNtries", ("NbOfNtries", str(count)), ("Sum", (credited + debited).decimal), net)
    return _element(
        "TxsSummry",
        every,
        _element("TtlCdtNtries", ("Sum", credited.decimal)),
        _element("TtlDbtNtries", ("Sum", debited.decimal)),
    )


def _amount(amount: Money) -> tuple[Any, Any]:
    element = _text("Amt", _absolute(amount))
    element.set("Ccy", amount.currency)
    return element, _text("CdtDbtInd", _side(amount))


def _absolute(amount: Money) -> str:
    return Money(abs(amount.minor), amount.currency).decimal


def _side(amount: Money) -> str:
    return "CRDT" if amount.minor >= 0 else "DBIT"


def _element(name: str, *children: Any | tuple[str, str]) -> Any:
    element = etree.Element(name)
    element.extend(_text(*child) if isinstance(child, tuple) else child for child in children)
    return element


def _text(name: str, text: str) -> Any:
    # The document's default namespace holds for what is written inside of it: repeated, it would double the size.
    element = etree.Element(name)
    element.text = text
    return element


def _instant(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _faults_of(statement: Any) -> Iterator[str]:
    currency = statement.findtext(f"{_Q}Acct/{_Q}Ccy")
    balances = {each.findtext(f"{_Q}Tp//{_Q}Cd"): _signed(each, currency) for each in statement.findall(f"{_Q}Bal")}
    entries = statement.findall(f"{_Q}Ntry")
    if set(balances) != {"OPBD", "CLBD"}:
        yield "it has no opening and closing balance"
        return
    changed = sum(_signed(each, currency) for each in entries)
    if balances["OPBD"] + changed != balances["CLBD"]:
        yield f"opening {balances['OPBD']} and lines {changed} are not closing {balances['CLBD']}"
    if {amount.get("Ccy") for amount in statement.iter(f"{_Q}Amt") if amount.get("Ccy")} - {currency}:
        yield f"an amount is not in {currency}"
    stated = statement.findtext(f"{_Q}TxsSummry/{_Q}TtlNtries/{_Q}NbOfNtries")
    if stated != str(len(entries)):
        yield f"it has {len(entries)} entries and states {stated}"
    references = [each.findtext(f"{_Q}NtryRef") for each in entries]
    if len(set(references)) != len(references):
        yield "a reference comes twice"
    if any(len(text or "") > _TEXT_MAX for text in references):
        yield f"a reference has more than {_TEXT_MAX} characters"


def _signed(element: Any, currency: str) -> int:
    amount = Money.parse(element.findtext(f"{_Q}Amt"), currency).minor
    return amount if element.findtext(f"{_Q}CdtDbtInd") == "CRDT" else -amount
