"""The exporter: the book of a run with its vault and lake, the home for its files, and what a report reads of them."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from lake.tables import Lake
from ledger.exports.bank_balances import bank_balances
from ledger.exports.export_queries import ExportOf
from ledger.exports.obligations import obligations, parameters_of
from ledger.exports.records import BankBalance, Export
from ledger.kernel.clock import Clock, system_clock
from ledger.kernel.errors import InvalidInput
from ledger.kernel.work import Work, begin, read
from ledger.personal_data.particulars import Particulars, opened_particulars, record_openings, sealed_particulars
from ledger.tenancy.calendars import book_calendar
from ledger.tenancy.directory import BookLocation
from ledger.tenancy.records import CustomerId
from ledger.vault.vault import Vault
from pipelines.exports.cuts import opened_facts
from pipelines.exports.declarations import Report
from pipelines.exports.findings import Sources
from pipelines.exports.manifest import Cut
from pipelines.exports.storage import export_folder


@dataclass(frozen=True, slots=True)
class Exporter:
    """The book with its vault and lake, the home for its files, the actor, and the folder of official schemas."""

    place: BookLocation
    vault: Vault
    lake: Lake
    home: Path
    actor: str
    schemas: Path | None = None
    clock: Clock = system_clock

    def work(self) -> AbstractContextManager[Work]:
        """Begin a unit of work of the actor."""
        return begin(self.place.engine, actor=self.actor, clock=self.clock)

    def folder_of(self, export: Export) -> Path:
        """Return the folder of an export in the home, whether its files are there or not."""
        what = ExportOf(export.report, export.partner_ref, export.from_on, export.until_on)
        return export_folder(self.home, self.place.book.name, what, export.export_id)


@contextmanager
def opened_sources(exporter: Exporter, report: Report, what: ExportOf, cut: Cut) -> Iterator[Sources]:
    """Open what a report is made from, as it stood at the cut; each person's particulars once the access is recorded.

    Raises `InvalidInput` for a book without any transfer up to there.
    """
    place = exporter.place
    with read(place.engine) as reader:
        duty = obligations(reader, place.book_id, as_of_seq=cut.seq).get(what.report)
        calendar = book_calendar(reader.connection, place.book_id)
    parameters = {each.name: each.default for each in report.parameters}
    parameters |= parameters_of(duty) if duty is not None else {}

    def particulars(customer_ids: Collection[CustomerId] | None) -> Mapping[CustomerId, Particulars]:
        return _opened(exporter, what, cut, customer_ids)

    def balances(day: date) -> Sequence[BankBalance]:
        with read(place.engine) as reader:
            return bank_balances(reader, place.book_id, day, as_of_seq=cut.seq)

    with opened_facts(place, exporter.lake, cut) as facts:
        if facts.sql("SELECT count(*) FROM lake.transfers").fetchall() == [(0,)]:
            raise InvalidInput(f"book {place.book.name} never operated up to position {cut.seq}: it has no transfer")
        yield Sources(place.book, what, calendar, facts, parameters, particulars, balances, exporter.schemas)


def _opened(
    exporter: Exporter, what: ExportOf, cut: Cut, customer_ids: Collection[CustomerId] | None
) -> Mapping[CustomerId, Particulars]:
    place = exporter.place
    with exporter.work() as work:
        found = sealed_particulars(work, place.book_id, as_of_seq=cut.seq, customer_ids=customer_ids)
        if found:
            record_openings(work, place.book_id, found, reason=f"export {what.report} of {what.until_on}")
    return opened_particulars(exporter.vault, place.book_id, found)
