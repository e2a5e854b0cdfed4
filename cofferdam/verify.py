"""`cofferdam verify`: derives everything again and compares: each book, its lake, the marts, what is in transit."""

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Annotated

import sqlalchemy as sa
import typer

from cofferdam.embedded import database
from cofferdam.vault import vaulted
from lake.tables import Lake
from ledger.book.audit import Finding, audit
from ledger.flows.forgetting import unfinished_forgettings
from ledger.flows.vaults import opened_vault
from ledger.flows.zero_check import zero_check
from ledger.kernel.settings import Settings
from ledger.kernel.sql import create_engine
from ledger.kernel.work import read
from ledger.partners.books import all_books
from ledger.partners.directory import Directory
from ledger.records.books import Book
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
    with database(settings) as url:
        engine = create_engine(url)
        try:
            for check in verify(vaulted(settings, url), engine):
                checks.append(check)
                if not as_json:
                    typer.echo(_as_line(check))
        finally:
            engine.dispose()
    ok = all(check.ok for check in checks)
    if as_json:
        typer.echo(json.dumps({"ok": ok, "checks": [asdict(check) for check in checks]}, indent=2))
    if not ok:
        raise typer.Exit(1)


def verify(settings: Settings, engine: sa.Engine) -> Iterator[Check]:
    """Give every check, as it is done: per book its own, the lake's, silver's and the vault's; then what spans books.

    Of the directory's other servers nothing else is checked: each is verified where it is run.
    """
    with engine.connect() as connection:
        books: Sequence[Book] = all_books(connection)
    for book in books:
        with read(engine) as reader:
            yield from _named(audit(reader, book.book_id), book.name)
        yield from _named(compare(engine, Lake.of(settings), book), book.name)
        yield from _named(compare_silver(engine, Lake.of(settings), book), book.name)
        yield from _named([_forgotten(settings, engine, book)], book.name)
    yield from _named(marts_equal_lake(settings), None)
    assert settings.database_url is not None, "the settings are those of the database that is held"
    with Directory(settings.database_url, settings.book_urls) as directory:
        yield from _named(zero_check(directory), None)


def _forgotten(settings: Settings, engine: sa.Engine, book: Book) -> Finding:
    """Say whether the keys of all who are recorded as forgotten are destroyed."""
    with opened_vault(settings) as vault:
        left = unfinished_forgettings(engine, vault, book.book_id)
    detail = f"the keys of {len(left)} stand: run cofferdam forget again, or wait for the job retention" if left else ""
    return Finding("forgotten_keys_are_destroyed", not left, detail or "no key of a forgotten subject stands")


def _named(findings: Iterable[Finding], book: str | None) -> Iterator[Check]:
    for finding in findings:
        yield Check(finding.check, book, finding.ok, finding.detail)


def _as_line(check: Check) -> str:
    where = f"{check.book}: " if check.book else ""
    return f"{'ok     ' if check.ok else 'DIFFERS'} {where}{check.check}: {check.detail}"
