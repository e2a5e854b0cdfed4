"""Runs: makes a report for a book, a period and a position: checked, signed, stored whole, and recorded as a fact.

    1. the cut: a position whose rows are in the lake
    2. the files, in a folder of their own; what is personal is recorded as read before it is opened
    3. the checks: if one fails, the export is withheld, which is a fact, and nothing stays
    4. manifest and signature; everything durable; one rename to its place in the home
    5. the fact, and in the same batch the end of the export that it amends

A run that is killed leaves nothing, or after step 4 a folder without a fact: the next run of that position replaces it
by the same bytes, and records them.
"""

from collections.abc import Sequence
from typing import NamedTuple

from ledger.exports.export_queries import ExportOf, standing_export
from ledger.exports.obligations import obligations
from ledger.kernel.errors import InvalidInput, NotFound
from ledger.kernel.work import read
from ledger.public_ids import public
from ledger.tenancy.calendars import book_calendar
from ledger.tenancy.partners import partner_named
from pipelines.exports.contents import Contents, differences, digests_in
from pipelines.exports.cuts import cut_at
from pipelines.exports.declarations import Report
from pipelines.exports.exporter import Exporter, opened_sources
from pipelines.exports.findings import Findings
from pipelines.exports.manifest import Cut, read_manifest
from pipelines.exports.signing import Draft, Made, require_checks, sign
from pipelines.exports.storage import new_folder


class Trial(NamedTuple):
    """The result of a dry run: what it would be made of, and how that differs from the export that stands."""

    findings: Findings
    differences: Sequence[str]


def make_export(exporter: Exporter, report: Report, what: ExportOf, *, as_of: int | None = None) -> Made:
    """Make an export, or find the one of the period that has the same contents.

    Raises `ExportWithheld` if a check fails, `ExportDiffers` if the export of that position was signed with other
    contents, `InvalidInput` for a book, period or position that cannot be reported, and `NotFound`.
    """
    cut = _checked(exporter, report, what, as_of)
    with new_folder(exporter.home) as folder:
        with opened_sources(exporter, report, what, cut) as sources:
            findings = report.make(sources, folder)
        draft = Draft(report, what, cut, Contents(findings, digests_in(folder)))
        require_checks(exporter, draft)
        return sign(exporter, draft, folder)


def try_export(exporter: Exporter, report: Report, what: ExportOf, *, as_of: int | None = None) -> Trial:
    """Make the files of an export and discard them: nothing is signed, stored or recorded but accesses to persons."""
    cut = _checked(exporter, report, what, as_of)
    with new_folder(exporter.home) as folder:
        with opened_sources(exporter, report, what, cut) as sources:
            findings = report.make(sources, folder)
        return Trial(findings, _differences(exporter, what, Contents(findings, digests_in(folder))))


def _checked(exporter: Exporter, report: Report, what: ExportOf, as_of: int | None) -> Cut:
    """Check that the report can be made, and return its cut."""
    place = exporter.place
    with read(place.engine) as reader:
        if what.report not in (known := obligations(reader, place.book_id)):
            raise InvalidInput(
                f"book {place.book.name} has no obligation to report {what.report}; declare it with cofferdam "
                f"reporting oblige (it has: {', '.join(sorted(known)) or 'none'})"
            )
        if report.is_per_partner != (what.partner_ref is not None):
            raise InvalidInput(f"{report.name} is made per {'partner' if report.is_per_partner else 'book'}")
        if what.partner_ref is not None:
            partner_named(reader.connection, place.book_id, what.partner_ref)
        ends_at = book_calendar(reader.connection, place.book_id).ends_at(what.until_on)
    if exporter.clock() < ends_at:
        raise InvalidInput(f"{what.until_on} has not ended in book {place.book.name}; it ends at {ends_at:%FT%TZ}")
    return cut_at(place, exporter.lake, as_of)


def _differences(exporter: Exporter, what: ExportOf, contents: Contents) -> list[str]:
    """Return how contents differ from those of the export that stands."""
    with read(exporter.place.engine) as reader:
        standing = standing_export(reader, exporter.place.book_id, what)
    if standing is None:
        return ["no export stands for this period"]
    try:
        before = read_manifest(exporter.folder_of(standing))
    except OSError as fault:
        raise NotFound(f"the folder of {public('export', standing.export_id)} is gone: run it again first") from fault
    return differences(before, contents)
