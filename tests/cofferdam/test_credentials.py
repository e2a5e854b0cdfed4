"""A child's secrets are in a file of its own, for its owner alone, while the installation runs and no longer."""

import os
import stat
from pathlib import Path

from cofferdam.runtime.credentials import credentials
from ledger.kernel.secret_files import read_secrets


def test_each_child_has_a_file_of_its_own_that_is_gone_in_the_end(tmp_path: Path) -> None:
    with credentials(tmp_path) as handing:
        api = Path(handing.hand("api", {"COFFERDAM_VAULT_KEY": "5e"})["COFFERDAM_CREDENTIALS"])
        stream = handing.hand("stream", {"AWS_SESSION_TOKEN": "6f"})["COFFERDAM_CREDENTIALS"]

        assert read_secrets(api) == {"COFFERDAM_VAULT_KEY": "5e"}
        assert read_secrets(Path(stream)) == {"AWS_SESSION_TOKEN": "6f"}
        assert stat.S_IMODE(api.stat().st_mode) == 0o600
        assert stat.S_IMODE(api.parent.stat().st_mode) == 0o700
        assert not api.is_relative_to(tmp_path)

    assert not api.parent.exists()


def test_a_child_that_needs_no_secret_is_given_no_file(tmp_path: Path) -> None:
    with credentials(tmp_path) as handing:
        assert handing.hand("dagster-ui", {}) == {}


def test_what_a_killed_installation_left_goes_with_the_next_start_of_its_home_and_of_no_other(tmp_path: Path) -> None:
    for home in ("one", "two"):
        if not (pid := os.fork()):
            with credentials(tmp_path / home) as handing:
                handing.hand("api", {"COFFERDAM_VAULT_KEY": home})
                os._exit(0)  # as by a kill: nothing is put in order
        os.waitpid(pid, 0)
    with credentials(tmp_path / "three") as handing:
        left = [path for path in handing.folder.parent.glob("cofferdam-*/api.json") if _is(path, "one", "two")]
        assert len(left) == 2

    with credentials(tmp_path / "one"):
        kept = [path for path in left if path.exists()]
    with credentials(tmp_path / "two"):
        pass

    assert [read_secrets(path) for path in left if path.exists()] == []
    assert len(kept) == 1


def _is(path: Path, *homes: str) -> bool:
    return read_secrets(path).get("COFFERDAM_VAULT_KEY") in homes
