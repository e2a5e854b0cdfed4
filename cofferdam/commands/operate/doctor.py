"""Check the installation, and explain how to fix problems."""

import platform
import shutil
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Final
from uuid import uuid4

import psycopg
import sqlalchemy as sa
import typer
from deltalake import DeltaTable
from deltalake.exceptions import DeltaError

from cofferdam.alerts.alerts import waiting_alerts
from cofferdam.alerts.channels import channels
from cofferdam.commands.ledger.calendar import calendar_lines
from cofferdam.output import AsJson, answer
from cofferdam.runtime import programs
from cofferdam.runtime.access import openings
from cofferdam.runtime.cluster import Cluster
from cofferdam.runtime.home import noted_running
from cofferdam.runtime.ports import is_free
from cofferdam.runtime.postmaster import State, state
from lake.residency.zones import Zone, Zones
from ledger.flows.registry import CONSUMERS
from ledger.journal.consumers import standings as consumer_standings
from ledger.kernel.clock import system_clock
from ledger.kernel.engines import create_engine
from ledger.kernel.errors import Refusal
from ledger.kernel.logins import APP_LOGIN
from ledger.kernel.operations import standings
from ledger.kernel.settings import Settings
from ledger.kernel.work import read
from ledger.migrations import roles
from ledger.migrations.catalogue import differences
from ledger.migrations.upgrade import pending
from ledger.personal_data.registration import persons_named
from ledger.tenancy.directory import BookLocation, Directory
from ledger.tenancy.records import Book
from pipelines.stream.residency import recorded_zones

_PACKAGES: Final = (
    "cofferdam",
    "dagster",
    "dbt-core",
    "deltalake",
    "duckdb",
    "opendp",
    "psycopg",
    "strawberry-graphql",
)
_NAMED: Final = 5
_FREE_BYTES_MIN: Final = 2_000_000_000
_LAG_MAX: Final = 10_000
_BROWSERS: Final = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


@dataclass(frozen=True, slots=True)
class Symptom:
    """The result of one check; `mend` tells how to fix a problem. One that only `informs` does not fail the command."""

    what: str
    ok: bool
    found: str
    mend: str = ""
    informs: bool = False


def command(*, as_json: AsJson = False) -> None:
    """Check everything that this installation needs; exits with 1 if something must be fixed."""
    symptoms = list(examine(Settings.from_process()))
    ok = all(symptom.ok or symptom.informs for symptom in symptoms)
    shown = {"ok": ok, "symptoms": [asdict(symptom) for symptom in symptoms]}
    answer(shown, "\n".join(map(_as_line, symptoms)), as_json=as_json)
    if not ok:
        raise typer.Exit(1)


def examine(settings: Settings) -> Iterator[Symptom]:
    """Yield the result of every check; nothing is started or changed, except for a temporary folder in the lake."""
    yield Symptom("python", ok=True, found=f"{platform.python_version()} on {platform.platform()}")
    yield from (_package(name) for name in _PACKAGES)
    yield Symptom("home", ok=True, found=str(settings.home))
    yield from (Symptom(f"lake{_of(zone)}", ok=True, found=zone.lake.url) for zone in Zones.of(settings))
    yield from _access(settings)
    yield _disk(settings)
    yield _up(settings)
    yield from (_port(port) for port in (8000, 3000))
    yield _ui()
    yield _browser()
    yield _database(settings)
    yield from _login(settings)
    yield from _catalogue(settings)
    yield from _directory(settings)
    yield from (_lake(zone) for zone in Zones.of(settings))
    yield _residence(settings)
    yield from _operations(settings)
    yield _alerts(settings)
    yield from _books(settings)
    yield from _consumers(settings)


def _package(name: str) -> Symptom:
    try:
        return Symptom(name, ok=True, found=version(name))
    except ModuleNotFoundError:
        # The command runs from its repository, in which the project itself is not an installed package.
        is_ours = name == "cofferdam"
        return Symptom(name, ok=is_ours, found=f"at {programs.ROOT}" if is_ours else "missing", mend="run make install")


def _access(settings: Settings) -> Iterator[Symptom]:
    """Check for files that other users of this machine may read; a lake elsewhere may be open on purpose."""
    mend = "run any other command, which makes the home private, or run chmod go-rwx on the named files"
    yield _closed("access home", settings.home, mend, informs=False)
    for zone in Zones.of(settings):
        if zone.lake.is_local and settings.home not in Path(zone.lake.url).parents:
            yield _closed(
                f"access lake{_of(zone)}",
                Path(zone.lake.url),
                "run chmod go-rwx on it, unless this is intended",
                informs=True,
            )


def _closed(what: str, folder: Path, mend: str, *, informs: bool) -> Symptom:
    found = list(openings(folder))
    shown = "; ".join(found[:_NAMED]) + ("; and more" if found[_NAMED:] else "")
    return Symptom(what, not found, shown or "private to its owner", mend, informs)


def _disk(settings: Settings) -> Symptom:
    there = next(path for path in (settings.home, *settings.home.parents) if path.exists())
    free = shutil.disk_usage(there).free
    found = f"{free / 1e9:.1f} GB free"
    return Symptom(
        "disk", free >= _FREE_BYTES_MIN, found, f"free at least {_FREE_BYTES_MIN / 1e9:.0f} GB under {there}"
    )


def _up(settings: Settings) -> Symptom:
    noted = noted_running(settings.home)
    if noted is None:
        return Symptom("up", ok=True, found="not running")
    addresses = ", ".join(f"{name} {address}" for name, address in noted.addresses.items())
    return Symptom("up", ok=True, found=f"process {noted.pid}: {addresses}")


def _port(port: int) -> Symptom:
    free = is_free(port)
    return Symptom(
        f"port {port}", free, "free" if free else "taken", "nothing to do: up takes the next one", informs=True
    )


def _ui() -> Symptom:
    there = programs.UI.exists()
    return Symptom("dagster ui", there, "installed" if there else "not installed", "run make install", informs=True)


def _browser() -> Symptom:
    path = next(filter(None, map(shutil.which, _BROWSERS)), None)
    mend = "install chromium (Debian: apt-get install chromium); only the page tests need it"
    return Symptom("chromium", path is not None, path or "not installed", mend, informs=True)


def _database(settings: Settings) -> Symptom:
    url = settings.database_url
    if url is None:
        cluster = Cluster.seen(settings.home)
        met = state(cluster)
        if met is not State.READY:
            found = f"embedded PostgreSQL 18 {met.value}"
            return Symptom("database", met is State.GONE, found, "run any command that uses it, which starts it again")
        url = cluster.url("cofferdam")
    engine = create_engine(url, role=None)
    try:
        with engine.connect() as connection:
            server = str(connection.execute(sa.text("SHOW server_version")).scalar_one())
            behind = pending(connection)
            lacking = [] if behind else roles.missing_roles(connection)
    except (sa.exc.SQLAlchemyError, psycopg.Error) as fault:
        reason = str(fault).split("\n", 1)[0]
        return Symptom("database", ok=False, found=reason, mend="start the server, or correct COFFERDAM_DATABASE_URL")
    finally:
        engine.dispose()
    if lacking:
        found = f"PostgreSQL {server}, and the login cannot take the roles {' and '.join(lacking)}"
        return Symptom("database", ok=False, found=found, mend=f"let an administrator run: {roles.SET_UP}")
    shown = sa.make_url(url).render_as_string(hide_password=True)
    found = f"PostgreSQL {server}, schema {'behind' if behind else 'current'}, {shown}"
    return Symptom("database", not behind, found, "run any command that uses it, such as cofferdam verify")


def _login(settings: Settings) -> Iterator[Symptom]:
    """Check that the login of an external server has no more rights than it needs; the embedded one needs no check."""
    if settings.database_url is None:
        return
    name = sa.make_url(settings.database_url).username
    engine = create_engine(settings.database_url, role=None)
    try:
        with suppress(sa.exc.SQLAlchemyError, psycopg.Error), engine.connect() as connection:
            found = roles.excesses(connection)
            mend = (
                f"let an administrator run: {roles.LOGINS_SET_UP} then let COFFERDAM_DATABASE_URL log in as {APP_LOGIN}"
            )
            yield Symptom(
                "login",
                not found,
                f"{name} {' and '.join(found) or 'takes the two roles and has no other rights'}",
                mend,
            )
    finally:
        engine.dispose()


def _catalogue(settings: Settings) -> Iterator[Symptom]:
    """Check that the database's tables, rights, triggers and policies are those of the migrations."""
    if (url := _answering(settings)) is None:
        return
    engine = create_engine(url, role=None)
    try:
        with suppress(sa.exc.SQLAlchemyError, psycopg.Error), engine.connect() as connection:
            if pending(connection):
                return
            changed = differences(connection)
            shown = "; ".join(changed[:_NAMED]) + ("; and more" if changed[_NAMED:] else "")
            mend = "undo these changes or restore the database, find out who made them, then run cofferdam verify"
            yield Symptom("catalogue", not changed, shown or "as the migrations created it", mend)
    finally:
        engine.dispose()


def _directory(settings: Settings) -> Iterator[Symptom]:
    """Check for each book in the directory that its server answers and has it."""
    urls = settings.book_urls
    for name in urls:
        with Directory(urls[name], urls) as directory:
            try:
                place = directory.place_of(name)
                yield Symptom(f"book {name}", ok=True, found=f"under {place.book.jurisdiction}, on a server of its own")
            except Refusal as refusal:
                mend = "start that server, or correct its line in the file of COFFERDAM_DIRECTORY"
                yield Symptom(f"book {name}", ok=False, found=str(refusal), mend=mend)


def _lake(zone: Zone) -> Symptom:
    """Create and remove a folder in a local lake; send a request to an object store."""
    mend = f"make the folder writable, or correct {zone.variable} and the AWS_ variables"
    place = f"{zone.lake.url}/.doctor-{uuid4().hex[:8]}"
    try:
        if zone.lake.is_local:
            Path(place).mkdir(parents=True)
            Path(place).rmdir()
            return Symptom(f"lake{_of(zone)} writable", ok=True, found="yes")
        DeltaTable.is_deltatable(place, storage_options=zone.lake.storage_options)
    except (OSError, DeltaError, Refusal) as fault:
        return Symptom(f"lake{_of(zone)} writable", ok=False, found=str(fault).split("\n", 1)[0], mend=mend)
    return Symptom(f"lake{_of(zone)} reachable", ok=True, found="yes")


def _residence(settings: Settings) -> Symptom:
    """Compare the claims of the lake roots, and the recorded zone of each book, with the settings.

    Books on servers that do not answer are left out.
    """
    zones, books = Zones.of(settings), list[Book]()
    recorded: dict[str, str] = {}
    for place in _places(settings):
        books.append(place.book)
        with suppress(sa.exc.SQLAlchemyError):  # an older schema has no such table yet
            recorded.update(recorded_zones([place]))
    try:
        wrong = "; ".join(zones.faults(books, recorded))
    except (OSError, DeltaError) as fault:
        wrong = str(fault).split("\n", 1)[0]
    shown = "; ".join(_residents(zone, [book.name for book in books if zones.of_book(book) is zone]) for zone in zones)
    return Symptom(
        "residence", not wrong, wrong or shown, "correct the settings accordingly before anything is streamed"
    )


def _places(settings: Settings) -> Iterator[BookLocation]:
    url = _answering(settings)
    if url is not None:
        with Directory(url, settings.book_urls) as directory, suppress(sa.exc.SQLAlchemyError):
            yield from directory.places(lambda _server, _reason: None)


def _answering(settings: Settings) -> str | None:
    """Return the ledger's URL, or None if the embedded server does not run."""
    cluster = Cluster.seen(settings.home)
    return settings.database_url or (cluster.url("cofferdam") if state(cluster) is State.READY else None)


def _books(settings: Settings) -> Iterator[Symptom]:
    """Describe each book: its calendar, its operating period, and the share of customers without a person."""
    for place in _places(settings):
        with suppress(sa.exc.SQLAlchemyError), read(place.engine) as reader:
            share = persons_named(reader, place.book_id).share
            found = "; ".join([*calendar_lines(place.engine, place.book_id), share])
            yield Symptom(f"days of {place.book.name}", ok=True, found=found)


def _consumers(settings: Settings) -> Iterator[Symptom]:
    """Check how many positions each consumer of the journal is behind; a short lag is normal."""
    runs = noted_running(settings.home) is not None
    for place in _places(settings):
        with suppress(sa.exc.SQLAlchemyError), read(place.engine) as reader:
            for each in consumer_standings(reader.connection, CONSUMERS):
                if each.book_id == place.book_id:
                    mend = "see the API's log" if runs else "start cofferdam up, which runs it"
                    found = f"position {each.seq} of {each.last_seq}, {each.lag} behind"
                    what = f"{each.consumer.name} of {place.book.name}"
                    yield Symptom(what, each.lag <= _LAG_MAX, found, mend, informs=not runs)


def _residents(zone: Zone, names: Sequence[str]) -> str:
    return f"zone {zone.name} has {', '.join(names) or 'no known book'}"


def _operations(settings: Settings) -> Iterator[Symptom]:
    """Check when each operation last succeeded; a late or failed one is a problem only while `up` runs."""
    now, runs = system_clock(), noted_running(settings.home) is not None
    for each in standings(settings):
        late = each.late(now)
        found = (
            "has not succeeded yet" if each.succeeded_at is None else f"last succeeded {each.succeeded_at:%F %T} UTC"
        )
        found += f", is {str(late).split('.', 1)[0]} late" if late else ""
        found += f", failed {each.failed_at:%F %T} UTC: {each.why}" if each.has_failed else ""
        mend = "see the run in Dagster's web UI (cofferdam ui)" if runs else "start cofferdam up, which runs it"
        yield Symptom(f"last {each.name}", not late and not each.has_failed, found, mend, informs=not runs)


def _alerts(settings: Settings) -> Symptom:
    """Check that alerts reach somebody who does not look at the console, and what the channels have not taken."""
    told_by = [channel.name for channel in channels(settings)]
    waiting = {name: count for name, count in waiting_alerts(settings).items() if count}
    found = f"sent to {', '.join(told_by)}" + (f"; not taken yet: {waiting}" if waiting else "")
    mend = (
        "run `cofferdam alert`, which shows why" if waiting else "set COFFERDAM_ALERT_WEBHOOK or COFFERDAM_ALERT_SMTP"
    )
    return Symptom("alerts", len(told_by) > 1 and not waiting, found, mend, informs=not waiting)


def _of(zone: Zone) -> str:
    return f" {zone.settings.zone}" if zone.settings.zone else ""


def _as_line(symptom: Symptom) -> str:
    mark = "ok  " if symptom.ok else ("note" if symptom.informs else "BAD ")
    mend = f"; {symptom.mend}" if symptom.mend and not symptom.ok else ""
    return f"{mark} {symptom.what:<18} {symptom.found}{mend}"
