"""Reads and writes messages of ISO 20022, bare or in the envelopes of RTP and FedNow.

A message of a definition without a form is read as far as its envelope: its value is None, and the raw bytes stay.
"""

import re
from dataclasses import dataclass, field
from typing import Any, Final

from lxml import etree

from ledger.kernel.errors import InvalidFormat, InvalidInput
from ledger.kernel.xml import Node, read_document
from ledger.rails.iso20022.definitions import FORMS, MessageForm
from ledger.rails.iso20022.envelopes import BusinessHeader, Network, opened_envelope, wrapped
from ledger.rails.iso20022.fields import Kind

_NAMESPACE: Final = re.compile(r"urn:[a-z]+:std:[a-z]+:20022:tech:xsd:([a-z]{4}\.\d{3})\.\d{3}\.(\d\d)", re.ASCII)
_REJECTED: Final = "RJCT"


@dataclass(frozen=True, slots=True)
class Message:
    """A message as it came: its network, header, definition (`pacs.008.001.08`), typed value, and raw bytes."""

    network: Network
    header: BusinessHeader | None
    definition: str
    value: Any
    root: Node | None = field(repr=False, compare=False)
    raw: bytes = field(repr=False)


def read_message(content: bytes) -> Message:
    """Read a message of at most 10 MB. Raises `InvalidFormat` with the path of the element."""
    root = read_document(content)
    envelope = opened_envelope(root)
    if envelope.message is None:
        definition = "" if envelope.header is None else "head.001"
        return Message(envelope.network, envelope.header, definition, None, None, content)
    return Message(envelope.network, envelope.header, *_read(envelope.message), envelope.message, content)


def write_message(value: Any, network: Network = Network.BARE, header: BusinessHeader | None = None) -> bytes:
    """Write a typed value as XML, in the envelope of its network, which needs a header. Raises `InvalidInput`."""
    form = _form_of(value)
    wrapper = {Network.BARE: "Document", Network.RTP: form.rtp_wrapper, Network.FEDNOW: form.fednow_wrapper}[network]
    if not wrapper:
        raise InvalidInput(f"{form.definition} has no envelope of {network.value} here; write it bare")
    _held(form, value, f"/Document/{form.root}")
    space = f"urn:iso:std:iso:20022:tech:xsd:{form.definition}.001.{form.version:02d}"
    root = etree.Element(f"{{{space}}}{form.root}", nsmap={None: space})
    for each in form.fields:
        found = each.fixed if each.kind is Kind.FIXED else getattr(value, each.name)
        if found not in (None, "", ()):
            each.write(root, found, network)
    tree = wrapped(root, network, header, wrapper)
    return bytes(etree.tostring(tree, xml_declaration=True, encoding="UTF-8"))


def definition_written(value: Any) -> str:
    """Return the definition and version that a value is written in, `pacs.008.001.08`."""
    form = _form_of(value)
    return f"{form.definition}.001.{form.version:02d}"


def _form_of(value: Any) -> MessageForm:
    form = next((form for form in FORMS.values() if form.value is type(value)), None)
    assert form is not None, f"{type(value).__name__} is no message"
    return form


def _read(message: Node) -> tuple[str, Any]:
    """Return a message's full definition, and its typed value where its definition has a form."""
    named = _NAMESPACE.fullmatch(message.namespace)
    if named is None:
        raise InvalidFormat(message.path, "xmlns", message.namespace or "no namespace", "it is one of ISO 20022")
    definition = message.namespace.rpartition(":")[2]
    form = FORMS.get(named[1])
    if form is None:
        return definition, None
    if int(named[2]) not in form.versions:
        allowed = f"{form.versions[0]:02d} to {form.versions[-1]:02d}"
        raise InvalidFormat(message.path, "xmlns", definition, f"the versions {allowed} are read")
    if message.name != form.root:
        raise InvalidFormat(message.path, "root", message.name, f"{form.definition} begins with {form.root}")
    _one_transaction(form, message)
    tree = message.indexed()
    found = {each.name: read for each in form.fields if (read := each.read(tree)) is not None}
    value = form.value(**found)
    _held(form, value, message.path)
    return definition, value


def _one_transaction(form: MessageForm, message: Node) -> None:
    if not form.repeated:
        return
    parent, _, name = form.repeated.rpartition("/")
    above = message.child(parent) if parent else message
    number = 0 if above is None else sum(1 for _ in above.children(name))
    if number > 1:
        raise InvalidFormat(message.path, form.repeated, f"{number} of them", "one message carries one transaction")


def _held(form: MessageForm, value: Any, path: str) -> None:
    """Hold the rules over several fields: a rejection has its reason, and an amount is above zero."""
    if getattr(value, "status", "") == _REJECTED and not value.reason:
        raise InvalidFormat(path, "Rsn", "nothing", "a rejected payment has a reason")
    amount = None if hasattr(value, "status") else getattr(value, "amount", None)
    if amount is not None and amount.minor <= 0:
        name = next(each.path for each in form.fields if each.name == "amount")
        raise InvalidFormat(path, name, str(amount), "an amount is above zero")
