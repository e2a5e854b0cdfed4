"""The doctor names what is wrong and how to mend it, and changes nothing."""

import json
from datetime import UTC, datetime
from pathlib import Path

import psycopg
import pytest
import sqlalchemy as sa

from cofferdam.commands.operate.doctor import Symptom, examine
from cofferdam.runtime.home import Running, note_running, sole
from ledger.kernel.errors import InvalidInput
from ledger.kernel.logins import APP_LOGIN
from ledger.kernel.operations import Operation, note_failure, note_success
from ledger.kernel.settings import Settings
from ledger.migrations.upgrade import upgrade
from tests.warm import cofferdam

ROOT = Path(__file__).parents[2]


def symptom(settings: Settings, what: str) -> Symptom:
    return next(found for found in examine(settings) if found.what == what)


def test_a_migrated_database_is_well(settings: Settings):
    found = symptom(settings, "database")

    assert found.ok
    assert "schema current" in found.found


def test_a_database_that_does_not_answer_is_named_with_its_variable(settings: Settings):
    found = symptom(settings.on("postgresql://u@127.0.0.1:1/d"), "database")

    assert not found.ok
    assert "COFFERDAM_DATABASE_URL" in found.mend


def test_a_login_that_cannot_take_the_roles_of_the_wall_is_told_what_mends_it(settings: Settings):
    url = str(settings.database_url)
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("CREATE ROLE onlooker LOGIN; GRANT SELECT ON ALL TABLES IN SCHEMA public TO onlooker")
        try:
            onlooker = sa.make_url(url).set(username="onlooker").render_as_string(hide_password=False)
            found = symptom(settings.on(onlooker), "database")
        finally:
            connection.execute("DROP OWNED BY onlooker; DROP ROLE onlooker")

    assert not found.ok
    assert "cofferdam_app and cofferdam_partner" in found.found
    assert "CREATE ROLE cofferdam_app NOLOGIN BYPASSRLS" in found.mend


def test_a_lake_that_cannot_be_written_is_named(tmp_path: Path, settings: Settings):
    (tmp_path / "file").write_text("in the way")
    blocked = Settings.from_env({"COFFERDAM_HOME": str(settings.home), "COFFERDAM_LAKE_URL": str(tmp_path / "file")})

    found = symptom(blocked.on(str(settings.database_url)), "lake writable")

    assert not found.ok
    assert "COFFERDAM_LAKE_URL" in found.mend


def test_the_addresses_of_what_runs_are_shown(settings: Settings):
    with sole(settings.home):
        note_running(settings.home, Running.here({"API": "http://127.0.0.1:8007/graphql"}))

        assert "8007" in symptom(settings, "up").found


def test_a_number_in_a_file_is_no_up_that_runs(settings: Settings):
    settings.home.mkdir(parents=True, exist_ok=True)
    note_running(settings.home, Running(1, {"API": "http://127.0.0.1:8007/graphql"}))

    assert symptom(settings, "up").found == "not running"


def test_a_home_that_others_may_read_is_named_with_what_is_open_in_it(settings: Settings):
    settings.home.mkdir(parents=True, exist_ok=True)
    (settings.home / "warehouse.duckdb").touch(0o644)
    settings.home.chmod(0o755)

    found = symptom(settings, "access home")

    assert not found.ok
    assert "warehouse.duckdb has mode 0644" in found.found


def test_each_operation_says_when_it_last_succeeded_how_late_it_is_and_why_it_failed(settings: Settings):
    settings.home.mkdir(parents=True, exist_ok=True)
    before = symptom(settings, "last build")
    note_success(settings, Operation.BUILD, clock=lambda: datetime(2026, 1, 1, tzinfo=UTC))
    note_success(settings, Operation.RETENTION)
    note_failure(settings, Operation.VERIFICATION, "sandbox: chain: position 7 differs")
    stopped = symptom(settings, "last build")
    with sole(settings.home):
        note_running(settings.home, Running.here({}))
        build, verified = symptom(settings, "last build"), symptom(settings, "last verification")

    assert before.ok
    assert "has not succeeded yet" in before.found
    assert (stopped.ok, stopped.informs) == (False, True), "late, and nothing is there to run it"
    assert (build.ok, build.informs) == (False, False)
    assert "last succeeded 2026-01-01 00:00:00 UTC, is" in build.found
    assert "position 7 differs" in verified.found
    assert not verified.ok
    assert symptom(settings, "last retention").ok


def test_nothing_is_left_behind_in_the_lake(settings: Settings):
    list(examine(settings))

    assert list(Path(settings.lake_url).iterdir()) == []


def test_the_report_as_json_is_json_and_its_verdict_is_the_exit_status(settings: Settings):
    sick = settings.on("postgresql://u@127.0.0.1:1/d")
    outcome = cofferdam(sick, "doctor", "--json")

    assert json.loads(outcome.stdout)["ok"] is False
    assert outcome.returncode == 1


def test_a_login_that_is_more_than_it_should_be_is_named_with_what_sets_up_a_right_one(settings: Settings):
    url = sa.make_url(str(settings.database_url))
    right = url.set(username=APP_LOGIN).render_as_string(hide_password=False)

    superuser, application = symptom(settings, "login"), symptom(settings.on(right), "login")

    assert (superuser.ok, application.ok) == (False, True)
    assert "is superuser and bypasses row security and owns the tables" in superuser.found
    assert "CREATE ROLE cofferdam_login LOGIN PASSWORD" in superuser.mend
    assert symptom(settings.on(right), "database").ok
    assert symptom(settings.on(right), "catalogue").ok


def test_a_login_that_owns_nothing_is_told_who_brings_the_schema_up_to_date(settings: Settings):
    url = sa.make_url(str(settings.database_url))
    right = url.set(username=APP_LOGIN).render_as_string(hide_password=False)
    upgrade(right)
    with psycopg.connect(str(settings.database_url)) as connection:
        connection.execute("UPDATE alembic_version SET version_num = 'r015'")

    with pytest.raises(InvalidInput, match="the address of the tables' owner"):
        upgrade(right)


def test_a_trigger_that_was_switched_off_is_named_with_what_to_do(settings: Settings):
    with psycopg.connect(str(settings.database_url)) as connection:
        connection.execute("ALTER TABLE transfers DISABLE TRIGGER USER")

    found = symptom(settings, "catalogue")

    assert not found.ok
    assert "transfers" in found.found
    assert "find out who made them" in found.mend
