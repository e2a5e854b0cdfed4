"""Derive everything again and compare: ledger, lake, marts."""

from dataclasses import asdict

import typer

from cofferdam.output import AsJson, print_json, told
from cofferdam.session import session
from pipelines.verification.checks import Check, verify


def command(*, as_json: AsJson = False) -> None:
    """Derive everything again and compare: each book, its lake, the marts, and the money in transit between books.

    Exits with 1 if anything differs.
    """
    with session() as home:
        checks = list(told(verify(home.settings, home.directory), _as_line, as_json=as_json))
    ok = all(check.ok for check in checks)
    if as_json:
        print_json({"ok": ok, "checks": [asdict(check) for check in checks]})
    if not ok:
        raise typer.Exit(1)


def _as_line(check: Check) -> str:
    where = f"{check.book}: " if check.book else ""
    return f"{'ok     ' if check.ok else 'DIFFERS'} {where}{check.check}: {check.detail}"
