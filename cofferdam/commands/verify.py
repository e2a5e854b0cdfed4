"""`cofferdam verify`: derives everything again and compares: each book, its lake, the marts, what is in transit."""

import json
from dataclasses import asdict
from typing import Annotated

import typer

from cofferdam.directory import directory
from ledger.kernel.settings import Settings
from pipelines.verification.checks import Check, verify


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


def _as_line(check: Check) -> str:
    where = f"{check.book}: " if check.book else ""
    return f"{'ok     ' if check.ok else 'DIFFERS'} {where}{check.check}: {check.detail}"
