"""The registry of reports: every declaration in `reports`, found by its place."""

from typing import Final

from ledger.kernel.discovery import declared
from ledger.kernel.errors import NotFound
from pipelines.exports import reports
from pipelines.exports.declarations import Report

REPORTS: Final[dict[str, Report]] = {each.name: each for each in declared(reports, Report, "*.py")}
"""All reports by name."""


def report_named(name: str) -> Report:
    """Return the report of a name. Raises `NotFound`, which lists those that there are."""
    if name not in REPORTS:
        raise NotFound(f"there is no report {name!r}; there are: {', '.join(sorted(REPORTS))}")
    return REPORTS[name]
