"""Validates messages by ISO's or a network's own XML schemas, where an operator has a folder with them.

The schemas may not be shipped. A file serves the definition that its name has in it: `pacs.008.001.08.xsd`.
"""

import re
from pathlib import Path
from typing import Any, Final

from lxml import etree

from ledger.kernel.errors import InvalidFormat, InvalidInput
from ledger.kernel.xml import local_name
from ledger.rails.iso20022.messages import Message

_SPACES: Final = re.compile(r"\{[^}]*\}")
"""Namespaces as the validator writes them, which say nothing that the definition does not say."""


class SchemaFolder:
    """A folder of XML schemas; each is compiled when it is first needed."""

    def __init__(self, folder: Path) -> None:
        self._files: Final = sorted(folder.glob("*.xsd"))
        self._compiled: Final[dict[str, Any]] = {}
        if not self._files:
            raise InvalidInput(f"{folder} has no file *.xsd; name the folder that has the schemas")

    def hold(self, message: Message) -> None:
        """Validate a message. Raises `InvalidFormat` with line and element, and where no schema is for it."""
        if message.root is None:
            return
        schema = self._schema(message.definition)
        above = message.root.element.getparent()
        is_document = above is not None and local_name(above) == "Document"
        if schema.validate(above if is_document else message.root.element):
            return
        fault = schema.error_log[0]
        says = _SPACES.sub("", fault.message)
        field = says.partition("'")[2].partition("'")[0]
        raise InvalidFormat(f"line {fault.line}", field, "what its schema does not allow", says)

    def _schema(self, definition: str) -> Any:
        if definition not in self._compiled:
            file = next((path for path in self._files if definition in path.name), None)
            if file is None:
                raise InvalidFormat("the schemas", definition, "no file", "a file named for the definition is there")
            try:
                parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False)
                self._compiled[definition] = etree.XMLSchema(etree.parse(file, parser))
            except (etree.XMLSyntaxError, etree.XMLSchemaParseError) as fault:
                raise InvalidInput(f"{file.name} is no XML schema: {fault}") from fault
        return self._compiled[definition]
