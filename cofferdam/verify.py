"""`cofferdam verify`: derives everything again and compares: each book, its lake, the marts, what is in transit."""

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Annotated

import typer
from deltalake.exceptions import DeltaError

from cofferdam.directory import directory
from lake.errors import DamagedLake
from lake.tables import Lake
from lake.zones import Zone, Zones
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
from pipelines.stream.audit import compare, following


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was derived again: in which book (null: in all), whether it agrees, and what was found."""

    check: str
    book: str | None
    ok: bool
    detail: str


def command(
    *, as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object and nothing else.")] = False
) -> None:
    """Derive everything again and compare; exits with 1 when anything differs."""
    settings = Settings.from_process()
    checks: list[Check] = []
    with directory(settings) as found:
        for check in verify(settings, found):
            checks.append(check)
            if not as_json:
                typer.echo(_as_line(check))
    ok = all(check.ok for check in checks)
    if as_json:
        typer.echo(json.dumps({"ok": ok, "checks": [asdict(check) for check in checks]}, indent=2))
    if not ok:
        raise typer.Exit(1)


def verify(settings: Settings, directory: VaultedDirectory) -> Iterator[Check]:
    """Give every check, as it is done: of each book, of each zone's marts, of what is in transit.

    Books are those of every server of the directory; one that does not answer is a check that fails.
    """
    away: list[Check] = []
    zones = Zones.of(settings)
    books: list[Book] = []
    causes: dict[Zone, list[str]] = {}
    for place in directory.places(lambda server, reason: away.append(Check(server.name, None, False, str(reason)))):
        books.append(place.book)
        for check in _of_book(place, zones.lake_of(place.book)):
            if not check.ok and check.check.startswith("lake_"):
                causes.setdefault(zones.of_book(place.book), []).append(f"{check.check} of {check.book}")
            yield check
        yield from _named([_forgotten(directory.vault_of(place), place)], place.book.name)
    yield from away
    yield _residence(zones, books)
    for zone in zones:
        yield from _named(following(marts_equal_lake(zone.settings), causes.get(zone, ())), None)
    yield from _named(zero_check(directory), None)


def _residence(zones: Zones, books: Sequence[Book]) -> Check:
    """Every book lies in the root of its zone, and in no other."""
    try:
        wrong = "; ".join(zones.faults(books))
    except (OSError, DeltaError, DamagedLake) as fault:
        wrong = f"a root cannot be read: {' '.join(str(fault).split())[:300]}"
    roots = ", ".join(f"{zone.name} in {zone.lake.url}" for zone in zones)
    return Check("residence", None, not wrong, wrong or f"{len(books)} books lie in the roots of their zones: {roots}")


def _of_book(place: Place, lake: Lake) -> Iterator[Check]:
    book = place.book
    with read(place.engine) as reader:
        ledger = audit(reader, book.book_id)
    yield from _named(ledger, book.name)
    chain = [each.check for each in ledger if not each.ok and each.check == "hash_chain"]
    bronze = list(following(compare(place.engine, lake, book), chain))
    yield from _named(bronze, book.name)
    wrong = [*chain, *(each.check for each in bronze if not each.ok)]
    yield from _named(following(compare_silver(place.engine, lake, book), wrong), book.name)


def _forgotten(vault: Vault, place: Place) -> Finding:
    """Say whether the keys of all who are recorded as forgotten are destroyed."""
    left = unfinished_forgettings(place.engine, vault, place.book_id)
    detail = f"the keys of {len(left)} stand: run cofferdam forget again, or wait for the job retention" if left else ""
    return Finding("forgotten_keys_are_destroyed", not left, detail or "no key of a forgotten subject stands")


def _named(findings: Iterable[Finding], book: str | None) -> Iterator[Check]:
    for finding in findings:
        yield Check(finding.check, book, finding.ok, finding.detail)


def _as_line(check: Check) -> str:
    where = f"{check.book}: " if check.book else ""
    return f"{'ok     ' if check.ok else 'DIFFERS'} {where}{check.check}: {check.detail}"
