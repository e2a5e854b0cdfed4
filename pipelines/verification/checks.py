"""Checks: derives each book, its lake, the marts and the transit balances again, and reports every difference."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import partial
from typing import Final

import sqlalchemy as sa
from deltalake.exceptions import DeltaError

from lake.errors import DamagedLake
from lake.residency.zones import Zones
from ledger.book.audits.audit import Finding, attempted, audit, broken, derived, found
from ledger.flows.derivations import BOOK_DERIVATIONS, SERVER_DERIVATIONS
from ledger.flows.zero_check import zero_check
from ledger.kernel.errors import Unavailable
from ledger.kernel.settings import Settings
from ledger.kernel.work import Reader, read
from ledger.migrations.catalogue import differences
from ledger.personal_data.erasure import unfinished_forgettings
from ledger.personal_data.sealing import unopened_values
from ledger.tenancy.directory import BookLocation, Server, reaching
from ledger.vault.vault import Vault
from ledger.vault.vaults import VaultedDirectory
from ledger.vault_tokens.erasure import unfinished_endings
from pipelines.marts.audit import marts_equal_lake
from pipelines.silver.audit import compare_silver
from pipelines.stream.audit import compare
from pipelines.stream.residency import recorded_zones


@dataclass(frozen=True, slots=True)
class Check:
    """The result of a check: its book (null: all books), whether both sides agree, and the details."""

    check: str
    book: str | None
    ok: bool
    detail: str


_LINES: Final = 20
"""The number of catalogue lines that a finding lists."""
_CATALOGUE: Final = "catalogue_follows_from_migrations"
_CHAIN, _LAKE = "hash_chain", "lake_"
_DERIVED_FROM_BOTH: Final = frozenset({"lake", "silver"})
"""Checks whose findings follow from a difference in the ledger or the lake itself."""


def following(checks: Iterable[Check], causes: Sequence[str]) -> Iterator[Check]:
    """Yield checks of derived data; a failed one names the earlier failed checks that explain it."""
    for check in checks:
        said = f"follows from: {', '.join(causes)}; {check.detail}"
        yield check if check.ok or not causes else replace(check, detail=said)


def verify(settings: Settings, directory: VaultedDirectory) -> Iterator[Check]:
    """Yield every check as it completes: of each server, each book, each zone's marts, and the transit balances.

    Covers the books of every server of the directory. An error within a check is a failed check, and ends no other one.
    """
    zones = Zones.of(settings)
    known: list[BookLocation] = []
    causes: dict[str, list[str]] = {}  # by the name of a zone
    for server in directory.servers():
        of_server = list(_made(server.name, None, partial(_of_server, server)))
        yield from of_server
        if any(check.check == server.name for check in of_server):
            continue
        places: list[BookLocation] = []
        yield from _made(server.name, None, partial(_add_places, server, places))
        for place in places:
            known.append(place)
            for check in _of_book(place, zones, directory):
                if not check.ok and check.check.startswith(_LAKE):
                    causes.setdefault(zones.of_book(place.book).name, []).append(f"{check.check} of {check.book}")
                yield check
    for store in directory.stores_apart():
        yield from _made("vault", None, partial(_of_store, store))
    yield from _made("residence", None, lambda: [_residence(zones, known)])
    for zone in zones:
        yield from following(_made("marts", None, partial(marts_equal_lake, zone.settings)), causes.get(zone.name, ()))
    yield from _made("zero_check", None, partial(zero_check, directory))


def catalogue(reader: Reader) -> Finding:
    """Compare every table, right, trigger, policy, function and role with the migrations' catalogue."""
    says = "tables, rights, triggers, policies, functions, roles and settings are those of the migrations"
    return attempted(reader, _CATALOGUE, lambda: found(_CATALOGUE, differences(reader.connection), says, shown=_LINES))


def _residence(zones: Zones, places: Sequence[BookLocation]) -> Finding:
    """Check that every book is in the root of its zone, and in no other."""
    try:
        wrong = "; ".join(zones.faults([place.book for place in places], recorded_zones(places)))
    except (OSError, DeltaError, DamagedLake) as fault:
        wrong = f"a root cannot be read: {' '.join(str(fault).split())[:300]}"
    roots = ", ".join(f"{zone.name} in {zone.lake.url}" for zone in zones)
    return Finding("residence", not wrong, wrong or f"{len(places)} books lie in the roots of their zones: {roots}")


def _is_misplaced(place: BookLocation, zones: Zones) -> bool:
    """Return whether the book's lake is in another root than expected, which the residence check reports in full."""
    with suppress(OSError, DeltaError, DamagedLake, Unavailable, sa.exc.SQLAlchemyError):
        return any(zones.faults_of(place.book, recorded_zones([place]).get(place.book.name)))
    return False


def _of_server(server: Server) -> Iterator[Finding]:
    with reaching(server.name), read(server.engine) as reader:
        yield catalogue(reader)
        yield from derived(reader, None, SERVER_DERIVATIONS)


def _of_store(store: sa.Engine) -> Iterator[Finding]:
    with reaching("the vault"), read(store) as reader:
        yield replace(catalogue(reader), check="catalogue_of_vault_follows_from_migrations")


def _add_places(server: Server, places: list[BookLocation]) -> Iterator[Finding]:
    places.extend(server.places())
    return iter(())


def _of_book(place: BookLocation, zones: Zones, directory: VaultedDirectory) -> Iterator[Check]:
    book, engine = place.book, place.engine
    blocks: dict[str, Callable[[], Iterable[Finding]]] = {
        "audit": lambda: _audit(place),
        "lake": lambda: compare(engine, zones.lake_of(book), book),
        "silver": lambda: compare_silver(engine, zones.lake_of(book), book),
        "forgotten_keys_are_destroyed": lambda: [_forgotten(directory.vault_of(place), place)],
        "sealed_values_open": lambda: [_sealed(directory.vault_of(place), place)],
    }
    wrong = ["residence"] if _is_misplaced(place, zones) else []  # a lake in another root must not be rebuilt here
    for block, make in blocks.items():
        causes = list(wrong) if block in _DERIVED_FROM_BOTH else []
        for check in following(_made(block, book.name, make), causes):
            if not check.ok and (check.check == _CHAIN or check.check.startswith(_LAKE)):
                wrong.append(check.check)
            yield check


def _audit(place: BookLocation) -> Iterator[Finding]:
    with read(place.engine) as reader:
        yield from audit(reader, place.book_id)
        yield from derived(reader, place.book_id, BOOK_DERIVATIONS)


def _forgotten(vault: Vault, place: BookLocation) -> Finding:
    """Check that the keys of all erased subjects and of all ended vault tokens are destroyed."""
    left = [
        *unfinished_forgettings(place.engine, vault, place.book_id),
        *unfinished_endings(place.engine, vault, place.book_id),
    ]
    detail = f"the keys of {len(left)} stand: run cofferdam forget again, or wait for the job retention" if left else ""
    return Finding("forgotten_keys_are_destroyed", not left, detail or "no key of a forgotten subject stands")


def _sealed(vault: Vault, place: BookLocation) -> Finding:
    """Check that every sealed value can be opened, except those of erased subjects."""
    faults = list(unopened_values(place.engine, vault, place.book_id))
    return found("sealed_values_open", faults, "every sealed value has a key that opens it, unless it was forgotten")


def _made(check: str, book: str | None, make: Callable[[], Iterable[Finding]]) -> Iterator[Check]:
    """Yield the findings of a group of checks; an error that ends it early is a finding as well."""
    try:
        for finding in make():
            yield Check(finding.check, book, finding.ok, finding.detail)
    except Unavailable as fault:
        yield Check(check, book, ok=False, detail=str(fault))
    except Exception as fault:  # noqa: BLE001  # any error becomes a finding, and the next check runs
        yield Check(check, book, ok=False, detail=broken(check, fault).detail)
