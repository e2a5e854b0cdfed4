"""`cofferdam vault-token`, as an operator runs it: values come from standard input, and a reveal asks for a reason."""

import json
from collections.abc import Callable

import pytest
from typer.testing import CliRunner, Result

from cofferdam.cli import program
from ledger.kernel.settings import Settings
from ledger.kernel.work import begin
from ledger.tenancy.books import open_book
from ledger.tenancy.partners import PartnerOrder, register_partners
from ledger.tenancy.records import Vertical

CARD = "4242 4242 4242 4242"


@pytest.fixture
def run(engine, settings: Settings) -> Callable[..., Result]:
    """Run a verb of the command in this process, with a text on its standard input."""
    with begin(engine, actor="test") as work:
        book_id = open_book(work, name="cards", jurisdiction="US", currency="USD")
        register_partners(work, book_id, [PartnerOrder("shop", "Shop", Vertical.RETAIL)])

    def invoke(*arguments: str, said: str = "") -> Result:
        environ = {
            "COFFERDAM_HOME": str(settings.home),
            "COFFERDAM_DATABASE_URL": str(settings.database_url),
            "COFFERDAM_VAULT_KEYRING": str(settings.keyrings),
        }
        return CliRunner().invoke(program(), ["vault-token", *arguments], input=said, env=environ)

    return invoke


def test_a_value_is_stored_found_revealed_for_a_reason_and_erased(run: Callable[..., Result]) -> None:
    created = run("create", "cards", "shop", "card", "--expires", "2099-01-01T00:00:00+00:00", "--json", said=CARD)
    token = json.loads(created.stdout)["token"]
    found = json.loads(run("find", "cards", "shop", "card", "--json", said="4242424242424242\n").stdout)
    unreasoned = run("reveal", token, "--reason", " ")
    revealed = run("reveal", token, "--reason", "a payout")
    erased = run("erase", token, "--reason", "asked")
    gone = run("reveal", token, "--reason", "a payout")
    nothing = run("find", "cards", "shop", "card", said=CARD)

    assert [each["token"] for each in found] == [token]
    assert (found[0]["mask"], found[0]["expires"]) == ("•••• 4242", "2099-01-01T00:00:00+00:00")
    assert "4242424242424242" not in created.output + erased.output
    assert (unreasoned.exit_code, "4242" in unreasoned.output) == (1, False)
    assert revealed.stdout == "4242424242424242\n"
    assert "its key is destroyed" in erased.stdout
    assert (gone.exit_code, "4242" in gone.output) == (1, False)
    assert nothing.stdout == "no token stands for this value\n"


def test_a_mistyped_value_is_refused_and_not_repeated(run: Callable[..., Result]) -> None:
    refused = run("create", "cards", "shop", "card", said="4242 4242 4242 4241")

    assert refused.exit_code == 1
    assert "42424" not in refused.output.replace(" ", "") + str(refused.exception)
