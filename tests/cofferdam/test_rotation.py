"""`cofferdam vault rotate`: a new vault key takes the place of the one before, with readers running, after kills."""

import os
import signal
import subprocess
import sys
import time
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

import cofferdam.rotation
from cofferdam.commands.privacy import vault as vault_command
from ledger.kernel.errors import InvalidInput
from ledger.kernel.ids import BookId, PartnerId, derived_id
from ledger.kernel.secret_files import read_secrets
from ledger.kernel.settings import Settings
from ledger.vault.sealing import PersonalValue
from ledger.vault.vault import Vault
from ledger.vault.vaults import opened_vault
from tests import warm
from tests.conftest import KEYRINGS, VAULT_KEY

ROOT = Path(__file__).parents[2]
BOOK = BookId(1)
NEXT = "6f" * 32
STEPS = {
    "a new key is made": (cofferdam.rotation, "take_over"),
    "both open": (cofferdam.rotation, "retire_others"),
    "the first is out": (vault_command, "answer"),
}
READER = """
import sys
from ledger.vault.vaults import opened_vault
from ledger.kernel.ids import BookId
from ledger.kernel.settings import Settings
from ledger.vault.sealing import PersonalValue
from ledger.vault.vault import Vault
from uuid import UUID
partner, text = sys.argv[1:]
value = PersonalValue(UUID(partner), "transfers.counterparty", text)
number = 0
with opened_vault(Settings.from_process()) as vault:
    print("reads", flush=True)
    while True:
        number += 1
        vault._forget_all()  # as after a minute
        assert vault.open_sealed(BookId(1), [value]) == ["Ben"]
        vault.seal(BookId(1), [value._replace(text=f"side {number}")])
"""


def _value(text):
    return PersonalValue(PartnerId(derived_id("shop")), "transfers.counterparty", text)


@contextmanager
def _reader(settings, text):
    """A process that reads and seals all the time; that it met a fault fails the test."""
    command = [sys.executable, "-c", READER, str(derived_id("shop")), text]
    environ = settings.child_environ() | {"PYTHONPATH": str(ROOT)}
    with subprocess.Popen(command, env=environ, stdout=subprocess.PIPE, text=True) as reader:
        assert reader.stdout is not None
        assert reader.stdout.readline() == "reads\n"
        yield
        time.sleep(0.3)
        assert reader.poll() is None, "it ended by a fault"
        reader.kill()


def _cofferdam(settings, *arguments, **environ):
    return warm.cofferdam(settings.child_environ() | environ, *arguments)


def test_the_homes_key_is_rotated_under_readers_and_whenever_it_is_killed_the_next_run_finishes(settings, vault):
    (ben,) = vault.seal(BOOK, [_value("Ben")])
    account = vault.derived_id("account", "DE89")

    with ExitStack() as readers:
        for _ in range(2):
            readers.enter_context(_reader(settings, ben))
        for step in STEPS:
            killed = warm.python(Path(__file__), step, environ=settings.child_environ())
            assert killed.returncode == -signal.SIGKILL, step
        done = _cofferdam(settings, "vault", "rotate")

    assert (done.returncode, "rotated" in done.stdout) == (0, True), done.stderr
    kept = read_secrets(settings.secrets)
    assert kept["vault_key"] != VAULT_KEY.hex()
    assert "next_vault_key" not in kept
    with pytest.raises(InvalidInput, match="another vault key"):
        vault.keyring().open()
    with opened_vault(settings) as found:
        assert found.keyring().open().holders == 1
        assert found.open_sealed(BOOK, [_value(ben)]) == ["Ben"]
        assert found.find(BOOK, _value("Ben")) == ben
        assert found.derived_id("account", "DE89") == account


def test_a_key_from_outside_is_rotated_in_two_steps_between_which_both_open(settings, engine, vault):
    (ben,) = vault.seal(BOOK, [_value("Ben")])
    first, second = {"COFFERDAM_VAULT_KEY": VAULT_KEY.hex()}, {"COFFERDAM_VAULT_KEY": NEXT}

    alone = _cofferdam(settings, "vault", "rotate", **first)
    admitted = _cofferdam(settings, "vault", "rotate", **first, COFFERDAM_NEXT_VAULT_KEY=NEXT)
    between = _cofferdam(settings, "vault", "status", **second)
    with_both = [
        Vault(engine, KEYRINGS._replace(vault_keys=lambda key=key: [key])).open_sealed(BOOK, [_value(ben)])
        for key in (VAULT_KEY, bytes.fromhex(NEXT))
    ]
    finished = _cofferdam(settings, "vault", "rotate", "--finish", **second)
    retired = _cofferdam(settings, "vault", "status", **first)

    assert (alone.returncode, "COFFERDAM_NEXT_VAULT_KEY" in alone.stderr) == (1, True)
    assert (admitted.returncode, "both keys open the vaults now" in admitted.stdout) == (0, True)
    assert "opened by 2 vault keys" in between.stdout
    assert with_both == [["Ben"], ["Ben"]]
    assert finished.returncode == 0, finished.stderr
    assert (retired.returncode, "another vault key" in retired.stderr) == (1, True)
    assert NEXT not in admitted.stdout + admitted.stderr + finished.stdout


def _rotate_and_die(step):
    def die(*_arguments, **_options):
        os.kill(os.getpid(), signal.SIGKILL)

    setattr(*STEPS[step], die)
    vault_command.rotate(finish=False)


if __name__ == "__main__":
    assert Settings.from_process().vault_key is None
    _rotate_and_die(sys.argv[1])
