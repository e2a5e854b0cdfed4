"""Start everything with a sandbox, and print a query to try."""

import json
from dataclasses import replace
from functools import partial
from typing import Annotated, Final

import sqlalchemy as sa
import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from api.sandbox.programme import ACTOR, Programme, open_programme, wallet_ref
from api.sandbox.samples import post_samples
from api.sandbox.traffic import TRANSFERS, is_posted, post_traffic
from cofferdam.commands.lake.stream import bring_all
from cofferdam.commands.operate import up
from cofferdam.runtime import programs
from cofferdam.runtime.secrets import keep_secret, pepper
from lake.residency.zones import Zones
from ledger.insights.releases import released_insights
from ledger.kernel.engines import create_engine
from ledger.kernel.errors import Unavailable
from ledger.kernel.secret_files import read_secrets
from ledger.kernel.settings import Settings
from ledger.kernel.work import begin, read
from ledger.sandboxes.sandboxes import issue_test_key, settle_sandbox
from ledger.tenancy.api_keys import authenticate, issue
from ledger.tenancy.directory import Directory
from ledger.vault.vaults import opened_vault

SECRET: Final = "sandbox_api_key"  # noqa: S105  # the name of the key's entry
"""The entry of the secrets file with the key of the sandbox's first partner."""

TEST_SECRET: Final = "sandbox_test_api_key"  # noqa: S105  # the name of the key's entry
"""The entry with the test key of the same partner."""


def command(
    *,
    port: Annotated[
        int, typer.Option(min=1, max=65_535, help="Port of the API; if it is taken, the next free one.")
    ] = 8000,
    ui_port: Annotated[int, typer.Option(min=1, max=65_535, help="Port of Dagster's web UI, likewise.")] = 3000,
    transfers: Annotated[int, typer.Option(min=100, help="Number of transfers in a new sandbox.")] = TRANSFERS,
) -> None:
    """Start everything with a sandbox, print a query to try, and keep it running until Ctrl-C."""
    show, settings = partial(_show, size=transfers), Settings.from_process()
    settings = replace(settings, webhook_addresses=settings.webhook_addresses or "loopback")
    up.run(settings, api=port, ui=ui_port, meanwhile=show, begins_sandbox=True)


def query_to_try() -> str:
    """Return a GraphQL query for a live balance and released insights together."""
    return (
        f'{{ account(externalRef: "{wallet_ref(0, 0)}") {{ externalRef balance {{ decimal currency }} asOf }} '
        'insights(metric: "active_customers") { nodes { month cells { vertical value margin95 } '
        "release { epsilon } } } }"
    )


def _show(installation: up.Installation, size: int) -> None:
    settings = installation.settings
    assert settings.database_url is not None, "up runs on a database"
    engine = create_engine(settings.database_url)
    try:
        with opened_vault(settings) as vault:
            programme = open_programme(engine, vault)
            if not is_posted(engine, programme):
                post_samples(engine, vault, programme)
        if not is_posted(engine, programme):
            _post(engine, programme, size, installation)
        if not _is_released(engine, programme):
            with Directory(settings.database_url) as directory:
                bring_all(directory.servers(), Zones.of(settings), installation.console)
            _build(installation)
            if not _is_released(engine, programme):
                raise Unavailable(f"no insight was released; see {settings.home / 'logs' / 'build.log'}")
        key = _key(engine, programme, settings)
        test_key = _test_key(engine, programme, settings)
    finally:
        engine.dispose()
    _print_query(installation, key, test_key)


def _post(engine: sa.Engine, programme: Programme, size: int, installation: up.Installation) -> None:
    bar = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*bar, console=installation.console) as bars:
        task = bars.add_task("posting the sandbox's traffic", total=size)

        def show(done: int) -> None:
            bars.update(task, completed=done, total=max(size, done))

        post_traffic(engine, programme, size, show)


def _build(installation: up.Installation) -> None:
    settings = installation.settings
    with installation.console.status("building the marts and releasing insights through Dagster"):
        status = installation.supervisor.run(programs.build_program(settings, installation.secrets))
    if status != 0:
        log = settings.home / "logs" / "build.log"
        raise Unavailable(f"the build failed: {_last_line(log.read_text(errors='replace'))} (see {log})")


def _last_line(text: str) -> str:
    return next((line for line in reversed(text.splitlines()) if line.strip()), "it printed nothing")


def _is_released(engine: sa.Engine, programme: Programme) -> bool:
    with read(engine) as reader:
        return bool(released_insights(reader, programme.book_id))


def _key(engine: sa.Engine, programme: Programme, settings: Settings) -> str:
    """Return the stored key if this database knows it, else issue one."""
    kept, secret = read_secrets(settings.secrets).get(SECRET), pepper(settings.secrets)
    with begin(engine, actor=ACTOR) as work:
        if kept is not None and authenticate(work.connection, kept, pepper=secret) is not None:
            return kept
        key = issue(work, programme.book_id, programme.partner_ids[0], pepper=secret)
    keep_secret(settings.secrets, SECRET, key)
    return key


def _test_key(engine: sa.Engine, programme: Programme, settings: Settings) -> str:
    """Return the stored test key if this database knows it, else issue one, which opens the partner's sandbox."""
    kept, secret = read_secrets(settings.secrets).get(TEST_SECRET), pepper(settings.secrets)
    with begin(engine, actor=ACTOR) as work:
        if kept is not None and authenticate(work.connection, kept, pepper=secret) is not None:
            return kept
    partner_id = programme.partner_ids[0]
    with begin(engine, actor=ACTOR) as work:
        key = issue_test_key(work, programme.book_id, partner_id, pepper=secret)
    settle_sandbox(engine, partner_id)
    keep_secret(settings.secrets, TEST_SECRET, key)
    return key


def _print_query(installation: up.Installation, key: str, test_key: str) -> None:
    address = installation.places.addresses()["API"]
    query = query_to_try()
    body = json.dumps({"query": query}).replace("'", "'\\''")
    lines = (
        "",
        f"API key   {key}",
        f"test key  {test_key}",
        "",
        "A live balance and a released insight in one query; paste it at the API's address, or run the line below:",
        "",
        query,
        "",
        f"curl -s {address} -H 'Authorization: Bearer {key}' -H 'Content-Type: application/json' -d '{body}'",
        "",
    )
    for line in lines:
        installation.console.print(line, soft_wrap=True, markup=False, highlight=False)
