"""Acknowledgements of FinCEN: whether a batch was accepted, the BSA ids of its reports, and what was remarked."""

from pathlib import Path
from typing import Any, Final, NamedTuple

from lxml import etree

from ledger.kernel.errors import InvalidInput

_REASON_MAX: Final = 500


class Acknowledgement(NamedTuple):
    """An answer to a batch: whether it was accepted, the BSA ids in the order of its reports, and its remarks."""

    is_accepted: bool
    bsa_ids: tuple[str, ...]
    remarks: tuple[str, ...]

    @property
    def receipt(self) -> str:
        """The BSA ids, with blanks between them; of a rejected batch there may be none."""
        return " ".join(self.bsa_ids) or "no BSA id"

    @property
    def reason(self) -> str:
        """The remarks in one line."""
        return ("; ".join(self.remarks) or "accepted without a remark")[:_REASON_MAX]


def read_acknowledgement(path: Path) -> Acknowledgement:
    """Read an acknowledgement. Raises `InvalidInput` for a file that is none.

    A remark names the place in the batch, and the kind of error; values of the batch are not repeated.
    """
    try:
        root = etree.parse(str(path), etree.XMLParser(resolve_entities=False, no_network=True)).getroot()
    except (OSError, etree.XMLSyntaxError) as fault:
        raise InvalidInput(f"{path} cannot be read as XML: {' '.join(str(fault).split())}") from fault
    status = root.get("StatusCode")
    if etree.QName(root).localname != "EFilingBatchXML" or status not in ("A", "R"):
        raise InvalidInput(f"{path} is no acknowledgement of FinCEN: its StatusCode is {status!r}, not A or R")
    found = [_text(each, "BSAID") for each in root.iterfind(".//{*}EFilingActivityXML")]
    remarks = [
        f"{_text(each, 'ErrorTypeCode')} {_text(each, 'ErrorLevelText')} at {_text(each, 'ErrorContextText')}"
        for each in root.iterfind(".//{*}EFilingActivityErrorXML")
        if _text(each, "ErrorTypeCode")
    ]
    return Acknowledgement(status == "A", tuple(filter(None, found)), tuple(remarks))


def _text(element: Any, name: str) -> str:
    return (element.findtext(f"{{*}}{name}") or "").strip()
