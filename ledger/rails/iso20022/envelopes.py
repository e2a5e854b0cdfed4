"""Envelopes around messages: the business application header (head.001), RTP's `Message`, FedNow's two directions."""

import re
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Final, NamedTuple

from lxml import etree

from ledger.kernel.errors import InvalidFormat
from ledger.kernel.xml import Node

_RTP: Final = "urn:tch"
_FEDNOW: Final = re.compile(r"urn:fednow:(incoming|outgoing):v\d{3}", re.ASCII)
_MARKET_PRACTICE: Final = re.compile(r"frb\.fednow\.(?:[a-z]{1,4}\.)?\d\d", re.ASCII)
_HEAD: Final = "urn:iso:std:iso:20022:tech:xsd:head.001.001."
_REGISTRY: Final = "www2.swift.com/mystandards/#/group/Federal_Reserve_Financial_Services/FedNow_Service"


class Network(StrEnum):
    """The networks whose envelopes are known; BARE is a `Document` without one."""

    BARE = "bare"
    RTP = "RTP"
    FEDNOW = "FedNow"


@dataclass(frozen=True, slots=True, kw_only=True)
class BusinessHeader:
    """head.001: who sends what to whom. RTP leaves the ids of parties empty where the network adds them."""

    sender: str = ""
    receiver: str = ""
    message_id: str = ""
    definition: str = ""
    created_at: datetime
    market_practice: str = ""
    is_duplicate: bool = False
    is_signed: bool = False


class Envelope(NamedTuple):
    """An opened envelope: its network, its header if it has one, and the message's root if there is one."""

    network: Network
    header: BusinessHeader | None
    message: Node | None


def opened_envelope(root: Node) -> Envelope:
    """Find the message in its envelope. Raises `InvalidFormat`."""
    if root.namespace == _RTP and root.name == "Message":
        return _opened_rtp(root)
    if _FEDNOW.fullmatch(root.namespace) and root.name in ("FedNowIncoming", "FedNowOutgoing"):
        return _opened_fednow(root)
    if root.name == "Document":
        return Envelope(Network.BARE, None, _only(root, "the message"))
    right = "it is Document, Message of urn:tch, or FedNowIncoming or FedNowOutgoing of urn:fednow"
    raise InvalidFormat("/", "root", f"{root.name} of {root.namespace or 'no namespace'}", right)


def wrapped(message: Any, network: Network, header: BusinessHeader | None, wrapper: str) -> Any:
    """Return the envelope of a network around a message's root."""
    assert network is Network.BARE or header is not None, "a network's envelope has a header"
    space = etree.QName(message).namespace
    if header is None or network is Network.BARE:
        document = etree.Element(f"{{{space}}}Document", nsmap={None: space})
        document.append(message)
        return document
    if network is Network.RTP:
        envelope = etree.Element(f"{{{_RTP}}}Message", nsmap={None: _RTP})
        space = f"{_HEAD}01"
        _write_header(etree.SubElement(envelope, f"{{{_RTP}}}AppHdr", nsmap={"head": space}), space, header)
        etree.SubElement(envelope, f"{{{_RTP}}}{wrapper}").append(message)
        return envelope
    return _wrapped_fednow(message, header, wrapper)


def _wrapped_fednow(message: Any, header: BusinessHeader, wrapper: str) -> Any:
    outer, space = "urn:fednow:outgoing:v001", f"{_HEAD}02"
    envelope = etree.Element(f"{{{outer}}}FedNowOutgoing", nsmap={None: outer})
    inner = etree.SubElement(etree.SubElement(envelope, f"{{{outer}}}FedNowOutgoingMessage"), f"{{{outer}}}{wrapper}")
    _write_header(etree.SubElement(inner, f"{{{space}}}AppHdr", nsmap={None: space}), space, header)
    own = etree.QName(message).namespace
    etree.SubElement(inner, f"{{{own}}}Document", nsmap={None: own}).append(message)
    return envelope


def _opened_rtp(root: Node) -> Envelope:
    parts = {each.name: each for each in root.elements()}
    if (header := parts.pop("AppHdr", None)) is None:
        raise InvalidFormat(root.path, "AppHdr", "nothing", "the element is required here")
    if not parts:
        return Envelope(Network.RTP, _header(header), None)
    if len(parts) > 1:
        raise InvalidFormat(root.path, "body", ", ".join(parts), "behind the header stands one message")
    (wrapper,) = parts.values()
    return Envelope(Network.RTP, _header(header), _only(wrapper, "the message"))


def _opened_fednow(root: Node) -> Envelope:
    holder = next((each for each in root.elements() if each.name == f"{root.name}Message"), None)
    if holder is None:
        raise InvalidFormat(root.path, f"{root.name}Message", "nothing", "the element is required here")
    wrapper = _only(holder, "the message")
    parts = {each.name: each for each in wrapper.elements()}
    for name in ("AppHdr", "Document"):
        if name not in parts:
            raise InvalidFormat(wrapper.path, name, "nothing", "the element is required here")
    header = _header(parts["AppHdr"])
    if header.market_practice and not _MARKET_PRACTICE.fullmatch(header.market_practice):
        path = f"{parts['AppHdr'].path}/MktPrctc"
        raise InvalidFormat(path, "Id", header.market_practice, "it is frb.fednow.01 or another of FedNow")
    message = _only(parts["Document"], "the message")
    definition = message.namespace.rpartition(":")[2]
    if header.definition != definition:
        raise InvalidFormat(f"{parts['AppHdr'].path}", "MsgDefIdr", header.definition, f"the message is {definition}")
    return Envelope(Network.FEDNOW, header, message)


def _only(node: Node, what: str) -> Node:
    found = list(node.elements())
    if len(found) != 1:
        raise InvalidFormat(node.path, what, f"{len(found)} elements", "there is exactly one")
    return found[0]


def _header(node: Node) -> BusinessHeader:
    tree = node.indexed()
    text = tree.text
    member = "FIId/FinInstnId/ClrSysMmbId/MmbId"
    for name in ("Fr", "To", "BizMsgIdr", "MsgDefIdr", "CreDt"):
        if tree.child(name) is None:
            raise InvalidFormat(node.path, name, "nothing", "the element is required here")
    try:
        created_at = datetime.fromisoformat(text("CreDt"))
    except ValueError:
        right = "an instant is written 2026-11-28T17:00:00-05:00"
        raise InvalidFormat(node.path, "CreDt", text("CreDt"), right) from None
    return BusinessHeader(
        sender=text(f"Fr/{member}"),
        receiver=text(f"To/{member}"),
        message_id=text("BizMsgIdr"),
        definition=text("MsgDefIdr"),
        created_at=created_at,
        market_practice=text("MktPrctc/Id"),
        is_duplicate=text("CpyDplct") in ("DUPL", "CODU"),
        is_signed=tree.child("Sgntr") is not None,
    )


def _write_header(root: Any, space: str, header: BusinessHeader) -> None:
    def add(path: str, text: str, above: Any = root) -> None:
        for name in path.split("/"):
            above = etree.SubElement(above, f"{{{space}}}{name}")
        above.text = text

    add("Fr/FIId/FinInstnId/ClrSysMmbId/MmbId", header.sender)
    add("To/FIId/FinInstnId/ClrSysMmbId/MmbId", header.receiver)
    add("BizMsgIdr", header.message_id)
    add("MsgDefIdr", header.definition)
    if header.market_practice:
        practice = etree.SubElement(root, f"{{{space}}}MktPrctc")
        add("Regy", _REGISTRY, practice)
        add("Id", header.market_practice, practice)
    add("CreDt", header.created_at.isoformat())
    if header.is_duplicate:
        add("CpyDplct", "DUPL")
