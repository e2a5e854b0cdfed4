"""Hardened reading of XML: no document types, no entities, no network, and paths in every refusal.

Hostile documents are refused by construction: a document type is refused before its content is read (XML External
Entities, "billion laughs"), and libxml2 keeps its own limits of depth (256) and of a single text (10 MB).
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, BinaryIO, Final

from lxml import etree

from ledger.kernel.errors import InvalidFormat

DOCUMENT_BYTES_MAX: Final = 10_000_000
"""The largest document that is read as a whole: the same as libxml2's limit of one text."""

_HARDENED: Final[Mapping[str, Any]] = {
    "resolve_entities": False,
    "no_network": True,
    "load_dtd": False,
    "huge_tree": False,
    "remove_comments": True,
    "remove_pis": True,
}


@dataclass(frozen=True, slots=True)
class Node:
    """An element and its path in local names, `/Document/Stmt[2]/Ntry[3]`; children are of its namespace.

    `index`, if it was made, has the first element at each path below, for a reader that asks for many of them.
    """

    element: Any = field(repr=False)
    path: str
    index: Mapping[str, Any] | None = field(default=None, repr=False, compare=False)

    @property
    def name(self) -> str:
        """The name without its namespace."""
        return local_name(self.element)

    @property
    def namespace(self) -> str:
        """The namespace, or an empty text."""
        return str(etree.QName(self.element).namespace or "")

    @property
    def value(self) -> str:
        """The text of the element without surrounding blanks; empty if it has only children."""
        return (self.element.text or "").strip()

    def child(self, path: str) -> "Node | None":
        """Return the first element at a path of local names such as `Acct/Id/IBAN`, or None."""
        if self.index is not None:
            found = self.index.get(path)
            return None if found is None else Node(found, f"{self.path}/{path}")
        space = self.element.tag[: self.element.tag.index("}") + 1] if self.element.tag[0] == "{" else ""
        found = self.element.find("/".join(f"{space}{name}" for name in path.split("/")))
        return None if found is None else Node(found, f"{self.path}/{path}")

    def indexed(self) -> "Node":
        """Return the same node with an index of all paths below it, in the namespace of its first child."""
        index: dict[str, Any] = {}
        if len(self.element):
            tag = self.element[0].tag
            _indexed(self.element, tag[: tag.index("}") + 1] if "}" in tag else "", "", index)
        return Node(self.element, self.path, index)

    def children(self, name: str) -> Iterator["Node"]:
        """Yield the direct children of a local name, numbered from one."""
        space = self.element.tag[: self.element.tag.index("}") + 1] if self.element.tag[0] == "{" else ""
        for number, each in enumerate(self.element.findall(f"{space}{name}"), 1):
            yield Node(each, f"{self.path}/{name}[{number}]")

    def elements(self) -> Iterator["Node"]:
        """Yield all direct children, of whichever namespace."""
        for each in self.element:
            yield Node(each, f"{self.path}/{local_name(each)}")

    def text(self, path: str) -> str:
        """Return the text at a path, or an empty text if nothing is there."""
        found = self.child(path)
        return "" if found is None else found.value

    def first(self, *paths: str) -> str:
        """Return the first text that is not empty among several paths, or an empty text."""
        return next((text for path in paths if (text := self.text(path))), "")

    def needed(self, path: str) -> "Node":
        """Return the element at a path. Raises `InvalidFormat` if there is none."""
        found = self.child(path)
        if found is None:
            raise InvalidFormat(self.path, path, "nothing", "the element is required here")
        return found

    def needed_text(self, path: str) -> str:
        """Return the text at a path. Raises `InvalidFormat` if there is none, or an empty one."""
        found = self.needed(path)
        if not found.value:
            raise found.wrong("the element has a text")
        return found.value

    def wrong(self, right: str, found: str | None = None) -> InvalidFormat:
        """Return the refusal of this element, which says what would be right."""
        where, _, name = self.path.rpartition("/")
        return InvalidFormat(where or "/", name, self.value if found is None else found, right)


def local_name(element: Any) -> str:
    """Return an element's name without its namespace."""
    tag = element.tag
    return str(tag[tag.index("}") + 1 :] if tag[0] == "{" else tag)


def read_document(content: bytes, bytes_max: int = DOCUMENT_BYTES_MAX) -> Node:
    """Parse a whole document into its root. Raises `InvalidFormat`."""
    if len(content) > bytes_max:
        raise InvalidFormat("the document", "size", f"{len(content)} bytes", f"it has {bytes_max} bytes at most")
    parser = etree.XMLParser(**_HARDENED)
    try:
        root = etree.fromstring(content, parser)
    except (etree.XMLSyntaxError, ValueError) as fault:
        raise _malformed(fault) from fault
    _no_document_type(root)
    return Node(root, f"/{local_name(root)}")


def stream_elements(source: BinaryIO, names: Sequence[str]) -> Iterator[tuple[str, Any]]:
    """Yield the start and the end of each element with one of the local names, as lxml's elements.

    The first event is the start of the root, whatever its name. The caller clears what it has read, so that memory
    stays flat. Raises `InvalidFormat`.
    """
    try:
        events = etree.iterparse(source, events=("start", "end"), tag=[f"{{*}}{name}" for name in names], **_HARDENED)
        is_first = True
        for event, element in events:
            if is_first:
                root = element.getroottree().getroot()
                _no_document_type(root)
                is_first = False
                if root is not element:
                    yield "start", root
            yield event, element
    except (etree.XMLSyntaxError, ValueError) as fault:
        raise _malformed(fault) from fault
    if is_first:
        raise InvalidFormat("the document", "elements", "none of them", f"it has elements {', '.join(names)}")


def _indexed(element: Any, space: str, path: str, index: dict[str, Any]) -> None:
    """Add the first element at each path; below a repeated element, only the first one's children are the first."""
    for each in element:
        tag = each.tag
        if tag.startswith(space):
            place = path + tag[len(space) :]
            if place not in index:
                index[place] = each
                _indexed(each, space, f"{place}/", index)


def _no_document_type(root: Any) -> None:
    if root.getroottree().docinfo.internalDTD is not None:
        raise InvalidFormat("the document", "DOCTYPE", "a document type", "messages have none: leave it out")


def _malformed(fault: Exception) -> InvalidFormat:
    line = getattr(fault, "lineno", None)
    return InvalidFormat(f"line {line or 1}", "XML", str(fault.args[0] if fault.args else fault), "well-formed XML")
