"""A secret file is replaced whole or not at all, and what it said before is overwritten."""

import stat
import threading

import pytest

from ledger.kernel.errors import Unavailable
from ledger.kernel.secret_files import destroy_rests, destroy_secrets, read_secrets, write_secrets


def test_what_a_file_said_before_is_overwritten_and_not_only_unlinked(tmp_path):
    path = tmp_path / "keys.json"
    write_secrets(path, {"key": "the first"})
    with path.open() as before:
        write_secrets(path, {"key": "the second"})

        left = before.read()

    assert set(left) == {"\0"}
    assert read_secrets(path) == {"key": "the second"}
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert list(tmp_path.iterdir()) == [path]


def test_a_destroyed_file_is_overwritten_and_gone_and_destroying_it_again_is_nothing(tmp_path):
    path = tmp_path / "keys.json"
    write_secrets(path, {"key": "the first"})
    with path.open() as before:
        destroy_secrets(path)
        destroy_secrets(path)

        assert set(before.read()) == {"\0"}
    assert list(tmp_path.iterdir()) == []


def test_a_rest_that_is_another_name_of_the_file_that_stands_does_not_take_it_along(tmp_path):
    path = tmp_path / "keys.json"
    write_secrets(path, {"key": "the first"})
    (tmp_path / "keys.json.replaced").hardlink_to(path)  # killed before the new file took its name
    (tmp_path / "keys.json.draft").write_text('{"key": "the sec')

    destroy_rests(path)

    assert read_secrets(path) == {"key": "the first"}
    assert list(tmp_path.iterdir()) == [path]


def test_who_reads_while_a_file_is_replaced_reads_one_of_both(tmp_path):
    path, seen, stop = tmp_path / "keys.json", set(), threading.Event()
    write_secrets(path, {"key": "0"})

    def read():
        while not stop.is_set():
            seen.add(read_secrets(path)["key"])

    reader = threading.Thread(target=read)
    reader.start()
    for number in range(200):
        write_secrets(path, {"key": str(number)})
    stop.set()
    reader.join()

    assert seen <= {str(number) for number in range(200)}
    assert len(seen) > 1


@pytest.mark.parametrize("text", ["{", "[]", "\udcff".encode(errors="surrogateescape")])
def test_a_broken_file_is_named(tmp_path, text):
    path = tmp_path / "keys.json"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())

    with pytest.raises(Unavailable, match=r"keys\.json"):
        read_secrets(path)
