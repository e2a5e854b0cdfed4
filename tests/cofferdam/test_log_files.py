"""Log files stay within their bound while a child writes, and lose nothing that stood there."""

from pathlib import Path

from cofferdam.runtime.log_files import keep_bounded, opened_log


def test_a_log_that_has_grown_large_is_exchanged_under_the_hands_of_its_writer(tmp_path: Path):
    path, older = tmp_path / "api.log", tmp_path / "api.log.old"
    with opened_log(path) as log:
        log.write(b"a" * 100)
        log.flush()
        keep_bounded(path, bytes_max=100)
        log.write(b"b")
        log.flush()
        is_exchanged_early = older.exists()
        keep_bounded(path, bytes_max=100)
        log.write(b"c")
        log.flush()

    assert not is_exchanged_early
    assert older.read_bytes() == b"a" * 100 + b"b"
    assert path.read_bytes() == b"c"
