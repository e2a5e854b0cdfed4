"""`cofferdam verify`: derives everything again and compares: each book, its lake, the marts, what is in transit."""

import json
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from typing import Annotated

import typer

from cofferdam.directory import directory
from lake.tables import Lake
from ledger.book.audit import Finding, audit
from ledger.flows.zero_check import zero_check
from ledger.kernel.settings import Settings
from ledger.kernel.work import read
from ledger.partners.directory import Directory, Place
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


def verify(settings: Settings, directory: Directory) -> Iterator[Check]:
    """Give every check, as it is done: per book the ledger's, the lake's and silver's; the marts', what is in transit.

    Books are those of every server of the directory; one that does not answer is a check that fails.
    """
    away: list[Check] = []
    for place in directory.places(lambda server, reason: away.append(Check(server.name, None, False, str(reason)))):
        yield from _of_book(place, Lake.of(settings))
    yield from away
    yield from _named(marts_equal_lake(settings), None)
    yield from _named(zero_check(directory), None)


def _of_book(place: Place, lake: Lake) -> Iterator[Check]:
    book = place.book
    with read(place.engine) as reader:
        yield from _named(audit(reader, book.book_id), book.name)
    yield from _named(compare(place.engine, lake, book), book.name)
    yield from _named(compare_silver(place.engine, lake, book), book.name)


def _named(findings: Iterable[Finding], book: str | None) -> Iterator[Check]:
    for finding in findings:
        yield Check(finding.check, book, finding.ok, finding.detail)


def _as_line(check: Check) -> str:
    where = f"{check.book}: " if check.book else ""
    return f"{'ok     ' if check.ok else 'DIFFERS'} {where}{check.check}: {check.detail}"
