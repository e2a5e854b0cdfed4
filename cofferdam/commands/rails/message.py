"""Check a payment message: ISO 20022, Fedwire, ISO 8583."""

import re
from collections.abc import Sequence
from dataclasses import fields
from datetime import date
from pathlib import Path
from typing import Annotated, Any, Final

import typer

from cofferdam.output import AsJson, answer
from ledger.kernel.errors import InvalidFormat
from ledger.kernel.money import Money
from ledger.rails.cards.elements import CardDialect
from ledger.rails.cards.messages import CardMessage, read_card_message
from ledger.rails.iso20022.messages import Message, read_message
from ledger.rails.iso20022.reasons import ReasonSet, failure_of
from ledger.rails.iso20022.schemas import SchemaFolder
from ledger.rails.wire.messages import WireMessage, read_wire

_CARD: Final = re.compile(rb"0[0-9]{3}[0-9A-Fa-f]{16}")
_SETS: Final = {
    "pacs.004": ReasonSet.RETURN,
    "camt.056": ReasonSet.CANCELLATION,
    "camt.029": ReasonSet.CANCELLATION_REJECTION,
}


def command(
    files: Annotated[list[Path], typer.Argument(help="Messages, one in each file.", exists=True, dir_okay=False)],
    *,
    schemas: Annotated[
        Path | None, typer.Option(help="A folder of XML schemas, which each message must satisfy as well.")
    ] = None,
    dialect: Annotated[CardDialect, typer.Option(help="How the network writes ISO 8583.")] = CardDialect.ASCII,
    as_json: AsJson = False,
) -> None:
    """Read messages and show what each says, without names, accounts and free texts. Nothing is stored.

    Exits with 1 if a message is refused; the others are shown all the same.
    """
    folder = None if schemas is None else SchemaFolder(schemas)
    shown = [_checked(path, folder, dialect) for path in files]
    answer(shown, "\n".join(line for each in shown for line in _lines(each)), as_json=as_json)
    if any("refused" in each for each in shown):
        raise typer.Exit(1)


def _checked(path: Path, folder: SchemaFolder | None, dialect: CardDialect) -> dict[str, Any]:
    content = path.read_bytes()
    try:
        if content.lstrip().startswith(b"{"):
            return {"file": path.name, **_shown_wire(read_wire(content))}
        if _CARD.match(content):
            return {"file": path.name, **_shown_card(read_card_message(content, dialect))}
        message = read_message(content)
        if folder is not None:
            folder.hold(message)
    except InvalidFormat as fault:
        where = {"where": fault.where, "field": fault.field, "found": fault.found, "right": fault.right}
        return {"file": path.name, "refused": where}
    return {"file": path.name, **_shown(message)}


def _shown_card(message: CardMessage) -> dict[str, Any]:
    known = {
        "type": message.type,
        "class": message.message_class.name.lower(),
        "function": message.function.name.lower(),
        "card": "" if message.card is None else str(message.card),
        "amount": _plain(message.amount),
        "trace_number": message.text(11),
        "reference": message.text(37),
        "response_code": message.text(39),
        "elements": " ".join(map(str, message.elements)),
    }
    return {
        "network": "card",
        "definition": "ISO 8583:1987",
        "value": {name: text for name, text in known.items() if text},
    }


def _shown_wire(message: WireMessage) -> dict[str, Any]:
    known = {
        "imad": message.imad,
        "amount": _plain(message.amount),
        "business_function": message.text("3600", "code"),
        "sender_reference": message.text("3320", "reference"),
        "tags": " ".join(each.number for each in message.tags),
    }
    parties = {"sender": message.text("3100", "routing number"), "receiver": message.text("3400", "routing number")}
    value = {name: text for name, text in known.items() if text}
    return {"network": "Fedwire", "definition": "legacy text", **parties, "value": value}


def _shown(message: Message) -> dict[str, Any]:
    header = message.header
    parties = {} if header is None else {"sender": header.sender, "receiver": header.receiver}
    told = {"network": message.network.value, "definition": message.definition, **parties}
    if message.value is None:
        return {**told, "value": None}
    open_fields = {each.name: _plain(getattr(message.value, each.name)) for each in fields(message.value) if each.repr}
    known = {name: value for name, value in open_fields.items() if value not in (None, "", [])}
    if reason := known.get("reason"):
        known["failure"] = failure_of(reason, _SETS.get(message.definition[:8], ReasonSet.STATUS)).value
    return {**told, "value": known}


def _plain(value: Any) -> Any:
    if isinstance(value, Money):
        return {"decimal": value.decimal, "currency": value.currency}
    if isinstance(value, date):
        return value.isoformat()
    return list(value) if isinstance(value, tuple) else value


def _lines(shown: dict[str, Any]) -> Sequence[str]:
    if "refused" in shown:
        fault = shown["refused"]
        return [f"{shown['file']}: refused at {fault['where']}, {fault['field']}: {fault['found']!r}; {fault['right']}"]
    head = f"{shown['file']}: {shown['definition']} ({shown['network']})"
    values = (shown["value"] or {}).items()
    return [head, *(f"  {name.replace('_', ' '):<24} {_inline(value)}" for name, value in values)]


def _inline(value: Any) -> str:
    return f"{value['decimal']} {value['currency']}" if isinstance(value, dict) else str(value)
