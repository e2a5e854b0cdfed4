"""The whole verification on a tampered installation: it names keys that are gone, and no check ends another."""

from itertools import count

import pytest
import sqlalchemy as sa

from ledger.kernel.engines import create_engine
from ledger.kernel.settings import Settings
from pipelines.verification.checks import Check, following, verify
from tests.conftest import VAULT_KEY, vaulted_directory
from tests.pipelines.verification.conftest import WHOLE, database

_NUMBERS = count(1)
_ANOTHER = "(SELECT max(wrapped_key) FROM subject_keys WHERE book_id = 1)"

VAULT = {
    "a key destroyed": (
        "UPDATE subject_keys SET wrapped_key = NULL, forgotten_at = now() WHERE book_id = 1",
        "sealed_values_open",
        "its key is gone",
    ),
    "every key destroyed": (
        "UPDATE subject_keys SET wrapped_key = NULL, forgotten_at = now()",
        "sealed_values_open",
        "its key is gone",
    ),
    "every key removed": ("DELETE FROM subject_keys", "sealed_values_open", "its key is gone"),
    "a key overwritten": (
        "UPDATE subject_keys SET wrapped_key = 'x' WHERE book_id = 1 AND wrapped_key IS NOT NULL",
        "sealed_values_open",
        "its key was changed, and is unusable",
    ),
    "a key of another subject": (
        f"UPDATE subject_keys SET wrapped_key = {_ANOTHER} WHERE book_id = 1 AND wrapped_key IS NOT NULL",
        "sealed_values_open",
        "its key was changed, and is unusable",
    ),
    "a name that is gone": ("DELETE FROM subject_names", "sealed_values_open", "no longer leads to its subject"),
    "a name of another": (
        "UPDATE subject_names SET token = sha256(token)",
        "sealed_values_open",
        "no longer leads to its subject",
    ),
    "a key that was forgotten": (
        f"UPDATE subject_keys SET forgotten_at = NULL, wrapped_key = {_ANOTHER} WHERE wrapped_key IS NULL",
        "forgotten_keys_are_destroyed",
        "the keys of 2 stand",
    ),
    "a forgetting": ("DELETE FROM forgettings", "sealed_values_open", "its key is gone"),
}
"""A kind of tampering with the vault -> what is run as superuser, the check that names it, and what it says."""


@pytest.fixture
def verified(server, whole_book, tmp_path):
    """A function that runs statements as superuser on a copy of the whole book, and verifies it."""

    def run(statements: str) -> list[Check]:
        whole_book.engine.dispose()
        with database(server, f"{WHOLE}_{next(_NUMBERS)}", template=WHOLE) as url:
            owner = create_engine(url, role=None)
            with owner.begin() as connection:
                connection.execute(sa.text("SET LOCAL session_replication_role = replica"))
                for statement in filter(None, statements.split("; ")):
                    assert connection.execute(sa.text(statement)).rowcount != 0
            owner.dispose()
            environ = {"COFFERDAM_HOME": str(tmp_path), "COFFERDAM_DATABASE_URL": url}
            environ |= {"COFFERDAM_LAKE_URL_US": str(tmp_path / "lake-us"), "COFFERDAM_VAULT_KEY": VAULT_KEY.hex()}
            settings = Settings.from_env(environ)
            with vaulted_directory(url) as directory:
                return list(verify(settings, directory))

    return run


def _wrong(checks: list[Check]) -> dict[str, str]:
    return {check.check: check.detail for check in checks if not check.ok}


def test_an_untouched_installation_passes_every_check(verified):
    assert _wrong(verified("")) == {}


@pytest.mark.parametrize("kind", VAULT)
def test_a_kind_of_tampering_with_the_vault_is_named(verified, kind):
    statements, check, says = VAULT[kind]

    assert says in _wrong(verified(statements))[check]


def test_checks_that_cannot_be_made_are_findings_and_the_others_go_on(verified):
    """No sum fits, no instant is one, and tables are gone: each check says so for itself, and none is missing."""
    whole = {check.check for check in verified("")}

    checks = verified(
        "UPDATE transfers SET amount_minor = 9223372036854775807, debit_account_debits_minor = 9223372036854775807, "
        "debit_account_pending_debits_minor = 9223372036854775807, effective_at = 'infinity'; "
        "UPDATE accounts SET credit_line_minor = 9223372036854775807; "
        "UPDATE journal_batches SET recorded_at = 'infinity' WHERE first_seq = 2; "
        "UPDATE books SET created_at = '-infinity'; "
        "ALTER TABLE monitor_events RENAME TO gone; ALTER TABLE api_keys RENAME TO lost; DROP TABLE subject_names"
    )

    wrong = _wrong(checks)
    assert {check for check in whole if not check.startswith("silver_")} <= {check.check for check in checks}
    assert "summed_debits" in wrong["sums_follow_from_transfers"]
    assert "stands -infinity" in wrong["books_follow_from_openings"]
    assert "subject_names" in wrong["sealed_values_open"]
    for check in ("hash_chain", "monitor_events_follow_from_transfers", "api_keys_follow_from_grants", "silver"):
        assert "the check could not be made" in wrong[check]


def test_what_is_derived_from_something_that_differs_says_so():
    sound = Check("marts_volume", None, ok=True, detail="3 rows")
    wrong = Check("marts_lines", None, ok=False, detail="one less")

    assert list(following([sound, wrong], [])) == [sound, wrong]
    assert [
        each.detail for each in following([sound, wrong], ["lake_transfers of cards", "lake_partners of cards"])
    ] == [
        "3 rows",
        "follows from: lake_transfers of cards, lake_partners of cards; one less",
    ]
