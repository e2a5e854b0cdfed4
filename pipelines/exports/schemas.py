"""Official schemas (XSD): validates a file of a report where a folder with them is configured."""

from pathlib import Path

from lxml import etree

from pipelines.exports.findings import ExportCheck

NOT_CONFIGURED = "its own rules; no folder of schemas is configured"


def schema_check(path: Path, folder: Path | None, name: str) -> tuple[ExportCheck | None, str]:
    """Validate a file against the schema `name`; return the check, and what the manifest says of the validity.

    Without a folder, or without that schema in it, there is no check. lxml ignores `vc:minVersion`, by which a strict
    processor of XSD 1.0 would skip the whole of FinCEN's schemas and call every file valid.
    """
    if folder is None or not (folder / name).is_file():
        return None, NOT_CONFIGURED
    schema = etree.XMLSchema(etree.parse(str(folder / name)))
    is_valid = schema.validate(etree.parse(str(path)))
    faults = "; ".join(f"line {each.line}: {each.message}" for each in list(schema.error_log)[:3])
    detail = faults or f"valid by {name}"
    return ExportCheck(f"valid_by_{name}", is_valid, detail), detail
