"""A command tells its failure in one line, and `--json` prints JSON and nothing else."""

import errno
import json
import os
import signal
import socket
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psycopg
import pytest
import sqlalchemy as sa
import typer
from graphql import build_schema, parse, validate

from api.graphql.schema import sdl
from api.sandbox.programme import Programme, open_programme, wallet_ref
from api.sandbox.traffic import post_traffic
from cofferdam.actor import operator
from cofferdam.commands.ledger.account import Moment, account_statement
from cofferdam.commands.operate.demo import query_to_try
from cofferdam.failures import one_line, telling
from cofferdam.runtime.secrets import pepper
from cofferdam.session import Session
from ledger.book.judging.orders import TransferOrder
from ledger.book.posting.posting import post
from ledger.book.records.transfers import TransferId
from ledger.kernel.errors import InvalidInput, NotFound
from ledger.kernel.ids import new_id
from ledger.kernel.secret_files import read_secrets, write_secrets
from ledger.kernel.settings import Settings
from ledger.kernel.work import begin, read
from ledger.personal_data.customers import CUSTOMER_REF
from ledger.public_ids import parse_public, public
from ledger.tenancy.api_keys import authenticate
from ledger.tenancy.books import open_book
from ledger.vault.sealing import PersonalValue
from ledger.vault.vault import Vault
from tests.conftest import KEYRINGS
from tests.warm import cofferdam

ROOT = Path(__file__).parents[2]


@pytest.fixture
def programme(engine: sa.Engine) -> Programme:
    made = open_programme(engine, Vault(engine, KEYRINGS))
    post_traffic(engine, made, 300, lambda _done: None)
    return made


def test_a_full_disk_is_told_in_one_line(capsys: pytest.CaptureFixture[str]):
    def command() -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), "/lake/part")

    with pytest.raises(typer.Exit) as ending:
        telling(command)()

    assert ending.value.exit_code == 1
    assert capsys.readouterr().err == "cofferdam: No space left on device: /lake/part\n"


def test_ctrl_c_is_told_in_one_line(capsys: pytest.CaptureFixture[str]):
    def command() -> None:
        raise KeyboardInterrupt

    with pytest.raises(typer.Exit) as ending:
        telling(command)()

    assert ending.value.exit_code == 130
    assert capsys.readouterr().err.count("\n") == 1


def test_a_fault_of_many_lines_becomes_one():
    assert "\n" not in one_line(RuntimeError("first\nsecond\n\tthird"))


@pytest.mark.parametrize(
    "cause", [psycopg.OperationalError("connection refused"), psycopg.errors.AdminShutdown("terminating connection")]
)
def test_a_database_that_went_away_is_told_with_what_to_do(cause: Exception):
    told = one_line(sa.exc.OperationalError("SELECT 1", {}, cause))

    assert told.startswith("the connection to the database was lost")
    assert "run the same command again to continue" in told


def test_what_the_database_itself_refuses_is_told_as_it_says():
    full = sa.exc.OperationalError("INSERT", {}, psycopg.errors.DiskFull("no space left"))

    assert "no space left" in one_line(full)


@pytest.mark.usefixtures("programme")
def test_an_argument_that_is_no_text_is_named(settings: Settings):
    outcome = cofferdam(settings, "account", os.fsdecode(b"shop:\xff"))

    assert outcome.returncode == 1
    assert outcome.stderr == "cofferdam: 'shop:\\udcff' is not valid UTF-8; type it in a terminal that uses UTF-8\n"


def test_a_wrong_setting_is_one_line_and_no_traceback(settings: Settings):
    environ = settings.child_environ() | {"COFFERDAM_DATABASE_URL": "mysql://h/d"}

    outcome = cofferdam(environ, "account", "x")

    assert outcome.returncode == 2
    assert outcome.stderr.count("\n") == 1
    assert "COFFERDAM_DATABASE_URL" in outcome.stderr


def test_several_wrong_settings_are_told_at_once_and_nothing_is_started(tmp_path: Path):
    home = tmp_path / "home"
    wrong = {
        "COFFERDAM_DATABASE_URL": "postgresql://u:hunter2@h:port/d",
        "COFFERDAM_POINTS_PER_SECOND": "-1",
        "COFFERDAM_LOG": "xml",
        "COFFERDAM_VAULT_KEY": "hunter3",
        "COFFERDAM_LAKE_URL": "ftp://h",
        "OTEL_EXPORTER_OTLP_ENDPOINT": "collector:4318",
    }

    outcome = cofferdam({"COFFERDAM_HOME": str(home), **wrong}, "serve")

    assert outcome.returncode == 2
    assert {line.split()[1].rstrip(":") for line in outcome.stderr.splitlines()} == set(wrong)
    assert "hunter" not in outcome.stderr
    assert not home.exists()


def test_a_port_that_is_taken_is_told_before_anything_is_started(tmp_path: Path):
    home = tmp_path / "home"
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port = listener.getsockname()[1]

        outcome = cofferdam({"COFFERDAM_HOME": str(home)}, "serve", "--port", str(port))

    assert outcome.returncode == 2
    assert outcome.stderr == (
        f"cofferdam: 127.0.0.1:{port} is taken, or is no address of this machine; choose another --port or --host\n"
    )
    assert not home.exists()


@pytest.mark.parametrize(
    "option", [("--port", "0"), ("--workers", "none"), ("--workers", "65"), ("--drain-seconds", "-1")]
)
def test_an_option_out_of_its_bounds_is_named_with_them(settings: Settings, option: tuple[str, str]):
    outcome = cofferdam(settings, "serve", *option)

    assert outcome.returncode == 2
    assert option[0] in outcome.stderr


def test_a_broken_pepper_is_named_with_its_file_and_not_shown(settings: Settings):
    write_secrets(settings.secrets, {**read_secrets(settings.secrets), "pepper": "hunter2"})

    outcome = cofferdam(settings, "serve", "--port", "18765")

    assert outcome.returncode == 2
    assert outcome.stderr == (
        f"cofferdam: {settings.secrets}: pepper is not a key of 64 hex digits; restore the file from its backup\n"
    )


def test_a_wrong_level_of_the_log_is_one_line_that_names_the_levels(settings: Settings):
    outcome = cofferdam(settings.child_environ() | {"COFFERDAM_LOG_LEVEL": "loud"}, "account", "x")

    says = "cofferdam: COFFERDAM_LOG_LEVEL is 'loud'; write one of: debug, info, warning, error\n"
    assert (outcome.returncode, outcome.stderr) == (2, says)


def test_the_debug_setting_shows_where_it_failed(settings: Settings):
    environ = settings.child_environ() | {"COFFERDAM_DEBUG": "1"}

    outcome = cofferdam(environ, "account", "nobody:nowhere")

    assert outcome.returncode == 1
    assert "Traceback" in outcome.stderr


@pytest.mark.usefixtures("programme")
def test_an_account_is_printed_as_json_and_nothing_else(settings: Settings):
    outcome = cofferdam(settings, "account", wallet_ref(0, 0), "--json")

    shown = json.loads(outcome.stdout)
    assert shown["ref"] == wallet_ref(0, 0)
    assert shown["balance"]["minor"] == shown["credits"]["minor"] - shown["debits"]["minor"]
    assert outcome.stderr == ""


@pytest.mark.usefixtures("programme")
def test_an_account_is_found_by_its_reference_and_by_its_id_alike(home: Session):
    by_ref = account_statement(home, wallet_ref(0, 0))

    by_id = account_statement(home, str(by_ref["id"]))
    by_sealed_ref = account_statement(home, str(by_id["ref"]))

    assert by_id == by_sealed_ref == by_ref | {"ref": by_id["ref"]}
    assert str(by_id["ref"]).startswith("s1.")


@pytest.mark.usefixtures("programme")
def test_an_account_at_its_opening_was_empty_and_says_when_that_was(engine: sa.Engine, home: Session):
    now = account_statement(home, wallet_ref(0, 0))
    with read(engine) as reader:
        opened_at = reader.connection.execute(
            sa.text("SELECT seq, recorded_at FROM accounts WHERE account_id = :id"),
            {"id": parse_public("account", str(now["id"]))},
        ).one()

    then = account_statement(home, wallet_ref(0, 0), Moment(opened_at.seq))

    assert then["balance"] == {"minor": 0, "decimal": "0.00"}
    assert then["position"] == opened_at.seq
    assert datetime.fromisoformat(str(then["recorded_at"])) == opened_at.recorded_at.astimezone(UTC)
    assert now["position"] != then["position"]


@pytest.mark.usefixtures("programme")
def test_an_account_at_an_instant_is_that_of_the_newest_position_recorded_by_then(engine: sa.Engine, home: Session):
    opened = account_statement(home, wallet_ref(0, 0))
    with read(engine) as reader:
        (recorded_at, seq) = reader.connection.execute(
            sa.text("SELECT recorded_at, seq FROM journal_batches ORDER BY seq DESC LIMIT 1")
        ).one()

    by_then = account_statement(home, wallet_ref(0, 0), Moment(instant=recorded_at))

    with pytest.raises(InvalidInput, match="position 0 is outside"):
        account_statement(home, wallet_ref(0, 0), Moment(instant=datetime(2000, 1, 1, tzinfo=UTC)))

    assert by_then["position"] == seq
    assert by_then["balance"] == opened["balance"]
    assert ("available" in opened, "available" in by_then) == (True, False)


def test_an_account_by_an_accounting_date_counts_what_was_dated_back_to_it(
    engine: sa.Engine, vault: Vault, home: Session
):
    programme, today = open_programme(engine, vault), datetime.now(UTC)
    accounts = programme.funding[0], programme.wallets[0].account_id
    orders = [
        TransferOrder(
            TransferId(new_id()), programme.partner_ids[0], *accounts, amount, "USD", "top_up", today - timedelta(days)
        )
        for amount, days in ((700, 5), (300, 9))
    ]  # fmt: skip
    post(engine, programme.book_id, orders)

    shown = {
        days: account_statement(home, wallet_ref(0, 0), Moment(day=(today - timedelta(days)).date()))
        for days in (10, 9, 6, 5)
    }

    assert {days: each["balance"] for days, each in shown.items()} == {
        10: {"minor": 0, "decimal": "0.00"},
        9: {"minor": 300, "decimal": "3.00"},
        6: {"minor": 300, "decimal": "3.00"},
        5: {"minor": 1_000, "decimal": "10.00"},
    }
    assert shown[9]["effective"] == f"{today - timedelta(9):%Y-%m-%d}"


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("--at-time", "2026-11-24T08:30:00"), "is not an instant with a time zone"),
        (("--at-time", "yesterday"), "is not an instant with a time zone"),
        (("--effective", "24.11.2026"), "is not a date; write it as 2026-10-31"),
        (("--at", "1", "--effective", "2026-10-31"), "give one of --at, --at-time and --effective"),
    ],
)
def test_a_moment_that_cannot_be_read_is_refused_in_one_line(settings: Settings, arguments: tuple[str, ...], says: str):
    refused = cofferdam(settings, "account", "x", *arguments)

    assert (refused.returncode, refused.stderr.count("\n")) == (1, 1)
    assert says in refused.stderr


@pytest.mark.usefixtures("programme")
@pytest.mark.parametrize("position", [-1, 0, 10**9])
def test_a_position_outside_the_accounts_life_is_refused(home: Session, position: int):
    with pytest.raises(InvalidInput, match="opened at position"):
        account_statement(home, wallet_ref(0, 0), Moment(position))


def test_an_account_that_does_not_exist_is_not_found(engine: sa.Engine, home: Session):
    with begin(engine, actor="test") as work:
        open_book(work, name="empty", jurisdiction="US", currency="USD")

    with pytest.raises(NotFound, match="no account"):
        account_statement(home, "pkdd99:576")


@pytest.mark.usefixtures("programme")
def test_the_stream_once_brings_everything_and_ends(settings: Settings):
    outcome = cofferdam(settings, "stream", "--once")

    assert outcome.returncode == 0, outcome.stderr
    assert outcome.stdout == ""
    assert (settings.home / "lake" / "sandbox" / "bronze" / "transfers").is_dir()


def test_the_stream_ends_cleanly_when_it_is_asked_to(settings: Settings, engine: sa.Engine):
    with begin(engine, actor="test") as work:
        open_book(work, name="quiet", jurisdiction="US", currency="USD")
    command = [sys.executable, "-m", "cofferdam", "stream"]
    environ = settings.child_environ() | {"PYTHONUNBUFFERED": "1"}
    with subprocess.Popen(command, env=environ, cwd=ROOT, stderr=subprocess.PIPE, text=True) as worker:
        deadline = time.monotonic() + 60
        while not (settings.home / "lake" / "quiet" / "watermarks").exists() and time.monotonic() < deadline:
            time.sleep(0.05)
        worker.send_signal(signal.SIGTERM)

        assert worker.wait(20) == 0


def test_the_printed_query_fits_the_schema():
    assert validate(build_schema(sdl()), parse(query_to_try())) == []


def test_a_key_is_issued_for_a_partner_and_refused_when_it_is_revoked(
    settings: Settings, engine: sa.Engine, programme: Programme
):
    issued = cofferdam(settings, "key", "sandbox", "harbor-goods", "--scopes", "read")
    key = issued.stdout.strip()

    with read(engine) as reader:
        principal = authenticate(reader.connection, key, pepper=pepper(settings.secrets))
    revoked = cofferdam(settings, "key", "--revoke", key, "--reason", "lost")
    again = cofferdam(settings, "key", "--revoke", key)

    assert principal is not None
    assert (principal.partner_id, principal.scopes) == (programme.partner_ids[0], frozenset({"read"}))
    assert (revoked.returncode, revoked.stdout) == (0, "the key is revoked\n")
    with engine.connect() as connection:
        grants = connection.execute(sa.text("SELECT actor, reason FROM api_key_grants ORDER BY seq")).all()
    assert [tuple(each) for each in grants[-2:]] == [(operator(), "for its application"), (operator(), "lost")]
    assert (again.returncode, again.stderr.count("\n")) == (1, 1)


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("sandbox", "nobody"), "no partner 'nobody'; there are: "),
        (("nowhere", "x"), "no book 'nowhere'"),
        ((), "name the book and the partner"),
        (("sandbox", "harbor-goods", "--scopes", "root"), "'root' is not a list of scopes"),
        (("--revoke", "cdk_secret"), "this is not an API key"),
    ],
)
@pytest.mark.usefixtures("programme")
def test_a_key_that_cannot_be_issued_or_revoked_says_why(settings: Settings, arguments: tuple[str, ...], says: str):
    refused = cofferdam(settings, "key", *arguments)

    assert refused.returncode == 1
    assert says in refused.stderr
    assert "cdk_secret" not in refused.stderr


def test_a_customer_is_shown_for_a_reason_that_the_journal_keeps(
    settings: Settings, engine: sa.Engine, programme: Programme
):
    asked = sa.text("SELECT customer_id, external_ref FROM customers WHERE partner_id = :id LIMIT 1")
    with read(engine) as reader:
        customer = reader.connection.execute(asked, {"id": programme.partner_ids[0]}).one()
    ref = public("customer", customer.customer_id)

    shown = cofferdam(settings, "customer", ref, "--reason", "case 17", "--json")
    refused = cofferdam(settings, "customer", ref, "--reason", " ")

    (reference,) = Vault(engine, KEYRINGS).open_sealed(
        programme.book_id, [PersonalValue(programme.partner_ids[0], CUSTOMER_REF, customer.external_ref)]
    )
    assert reference.endswith("@example.com")
    assert json.loads(shown.stdout)["reference"] == reference
    assert (refused.returncode, refused.stderr.count("\n")) == (1, 1)
    with read(engine) as reader:
        (fact,) = reader.connection.execute(sa.text("SELECT seq, actor, reason FROM personal_readings"))
    assert (fact.seq, fact.reason) == (json.loads(shown.stdout)["read at"], "case 17")
    assert fact.actor.startswith("operator:")
