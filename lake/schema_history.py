"""The history of the lake's schemas: every column ever written to its tables, as a checked-in text."""

from collections.abc import Sequence

from lake.schema import arrow_schema
from ledger.kernel.record import Record


def written_schemas(records: Sequence[type[Record]], before: str) -> str:
    """Return a line per table with every column ever written to it; new columns come after those of `before`."""
    written = {name: names.split() for name, names in (line.split(": ") for line in before.splitlines())}
    for record in records:
        known = written.setdefault(record.TABLE, [])
        shown = [f"{field.name}:{str(field.type).replace(' ', '')}" for field in arrow_schema(record)]
        known += [each for each in shown if each not in known]
    return "".join(f"{name}: {' '.join(names)}\n" for name, names in written.items())
