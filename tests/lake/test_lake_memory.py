"""What does not fit into memory spills into a folder of its own, never into one that others share."""

from pathlib import Path

from lake.duckdb_sessions import opened_memory

MANY = "SELECT count(*) FROM (SELECT DISTINCT i, repeat('x', 100) || i FROM range(400_000) t(i))"


def test_each_engine_spills_into_a_private_folder_that_goes_with_it(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)

    with opened_memory() as one, opened_memory() as other:
        folders = []
        for memory in (one, other):
            memory.execute("SET threads = 1; SET memory_limit = '40MB'; SET preserve_insertion_order = false")
            assert memory.sql(MANY).fetchall() == [(400_000,)]
            ((folder,),) = memory.sql("SELECT current_setting('temp_directory')").fetchall()
            folders.append(Path(folder))
            assert folders[-1].stat().st_mode & 0o077 == 0

    assert folders[0] != folders[1]
    assert not any(folder.exists() for folder in folders)
    assert list(tmp_path.iterdir()) == []
