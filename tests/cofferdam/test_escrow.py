"""`cofferdam vault escrow` and `recover`: the file of secrets is deleted, and enough shares open everything again."""

from dataclasses import replace
from pathlib import Path

import pytest

from cofferdam.escrow import recover, write_escrow
from ledger.kernel.errors import InvalidInput
from ledger.kernel.ids import BookId, PartnerId, derived_id
from ledger.kernel.secret_files import read_secrets, write_secrets
from ledger.kernel.settings import Settings
from ledger.vault.sealing import PersonalValue
from ledger.vault.vaults import opened_vault
from tests.warm import cofferdam

BOOK = BookId(1)
PEPPER = "5c" * 32


def _value(text: str) -> PersonalValue:
    return PersonalValue(PartnerId(derived_id("shop")), "transfers.counterparty", text)


@pytest.fixture
def own(settings: Settings, tmp_path: Path) -> Settings:
    """A home with a keyring of its own, and all of its secrets."""
    write_secrets(settings.secrets, read_secrets(settings.secrets) | {"pepper": PEPPER})
    return replace(settings, keyring_folder=tmp_path / "keyrings")


def _sealed(settings: Settings) -> str:
    with opened_vault(settings) as vault:
        return vault.seal(BOOK, [_value("Ben")])[0]


def test_after_the_file_of_secrets_is_lost_enough_shares_open_everything_again(own: Settings, tmp_path: Path) -> None:
    ben, folder = _sealed(own), tmp_path / "shares"
    before = read_secrets(own.secrets)

    made = cofferdam(own, "vault", "escrow", folder, "--shares", "5", "--needed", "3")
    shares = sorted(folder.iterdir())
    own.secrets.unlink()
    few = cofferdam(own, "vault", "recover", *shares[:2])
    lost = cofferdam(own, "vault", "status")  # which makes a key anew, that opens nothing
    done = cofferdam(own, "vault", "recover", shares[4], shares[0], shares[2])

    assert made.returncode == 0, made.stderr
    assert {path.stat().st_mode & 0o777 for path in shares} == {0o600}
    assert len(shares) == 5
    assert (few.returncode, "3 different shares are needed" in few.stderr) == (1, True)
    assert (lost.returncode, "another vault key" in lost.stderr) == (1, True)
    assert done.returncode == 0, done.stderr
    kept = read_secrets(own.secrets)
    assert {name: kept[name] for name in ("vault_key", "pepper")} == before
    assert not [share for share in shares if share.read_text().strip() in made.stdout + few.stderr + done.stdout]
    with opened_vault(own) as vault:
        assert vault.open_sealed(BOOK, [_value(ben)]) == ["Ben"]
        assert vault.find(BOOK, _value("Ben")) == ben


def test_shares_that_are_mistyped_of_two_sets_or_older_than_a_rotation_are_refused(
    own: Settings, tmp_path: Path
) -> None:
    _sealed(own)
    first, second = (write_escrow(own, tmp_path / name, needed=2, count=3) for name in ("a", "b"))
    typo = tmp_path / "typo.txt"
    written = first[0].read_text()
    typo.write_text(written[:40] + ("b" if written[40] == "a" else "a") + written[41:])

    for files, says in (
        ([first[0], second[1]], "several sets"),
        ([typo, first[1]], "checksum does not match"),
        ([first[0], first[0]], "2 different shares are needed"),
        ([tmp_path / "none.txt"], "not a file with a share"),
        (first, "there is nothing to recover"),
    ):
        with pytest.raises(InvalidInput, match=says):
            recover(own, files)
    with pytest.raises(InvalidInput, match="name an empty folder"):
        write_escrow(own, tmp_path / "a", needed=2, count=3)
    rotated = cofferdam(own, "vault", "rotate")
    with pytest.raises(InvalidInput, match="it was rotated since"):
        recover(own, first)
    assert "make new shares" in rotated.stdout, rotated.stderr


def test_without_a_keyring_there_is_nothing_that_shares_could_open(own: Settings, tmp_path: Path) -> None:
    _sealed(own)
    shares = write_escrow(own, tmp_path / "shares", needed=2, count=2)

    with pytest.raises(InvalidInput, match="restore the folder from its backup"):
        recover(replace(own, keyring_folder=tmp_path / "empty"), shares)
