"""Checks: what is derived again, of each book, its lake, the marts, and what is in transit between books."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from deltalake.exceptions import DeltaError

from lake.tables import Lake
from lake.zones import Zones
from ledger.book.audit import Finding, audit
from ledger.flows.forgetting import unfinished_forgettings
from ledger.flows.vaults import VaultedDirectory
from ledger.flows.zero_check import zero_check
from ledger.kernel.settings import Settings
from ledger.kernel.work import read
from ledger.partners.directory import Place
from ledger.records.books import Book
from ledger.vault.vault import Vault
from pipelines.marts.audit import marts_equal_lake
from pipelines.silver.audit import compare_silver
from pipelines.stream.audit import compare


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was derived again: in which book (null: in all), whether it agrees, and what was found."""

    check: str
    book: str | None
    ok: bool
    detail: str


def verify(settings: Settings, directory: VaultedDirectory) -> Iterator[Check]:
    """Give every check, as it is done: of each book, of each zone's marts, of what is in transit.

    Books are those of every server of the directory; one that does not answer is a check that fails.
    """
    away: list[Check] = []
    zones = Zones.of(settings)
    books: list[Book] = []
    for place in directory.places(lambda server, reason: away.append(Check(server.name, None, False, str(reason)))):
        books.append(place.book)
        yield from _of_book(place, zones.lake_of(place.book))
        yield from _named([_forgotten(directory.vault_of(place), place)], place.book.name)
    yield from away
    yield _residence(zones, books)
    for zone in zones:
        yield from _named(marts_equal_lake(zone.settings), None)
    yield from _named(zero_check(directory), None)


def _residence(zones: Zones, books: Sequence[Book]) -> Check:
    """Every book lies in the root of its zone, and in no other."""
    try:
        wrong = "; ".join(zones.faults(books))
    except (OSError, DeltaError) as fault:
        wrong = f"a root cannot be read: {' '.join(str(fault).split())[:300]}"
    roots = ", ".join(f"{zone.name} in {zone.lake.url}" for zone in zones)
    return Check("residence", None, not wrong, wrong or f"{len(books)} books lie in the roots of their zones: {roots}")


def _of_book(place: Place, lake: Lake) -> Iterator[Check]:
    book = place.book
    with read(place.engine) as reader:
        yield from _named(audit(reader, book.book_id), book.name)
    yield from _named(compare(place.engine, lake, book), book.name)
    yield from _named(compare_silver(place.engine, lake, book), book.name)


def _forgotten(vault: Vault, place: Place) -> Finding:
    """Say whether the keys of all who are recorded as forgotten are destroyed."""
    left = unfinished_forgettings(place.engine, vault, place.book_id)
    detail = f"the keys of {len(left)} stand: run cofferdam forget again, or wait for the job retention" if left else ""
    return Finding("forgotten_keys_are_destroyed", not left, detail or "no key of a forgotten subject stands")


def _named(findings: Iterable[Finding], book: str | None) -> Iterator[Check]:
    for finding in findings:
        yield Check(finding.check, book, finding.ok, finding.detail)
