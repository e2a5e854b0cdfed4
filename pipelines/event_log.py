"""Dagster's event log over connections that are kept, for Dagster's own opens and closes a SQLite file per event.

A build has hundreds of events; each close copies the file's write-ahead log back and waits for the disk. This module is
also loaded by the web UI, whose environment has Dagster and nothing of ours.
"""

from collections import OrderedDict
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from typing import Any, Final

import sqlalchemy as sa
from dagster._core.storage.event_log.sqlite.sqlite_event_log import INDEX_SHARD_NAME, SqliteEventLogStorage
from dagster._core.storage.sqlite import SQLITE_BUSY_TIMEOUT_SECONDS
from dagster._serdes import ConfigurableClassData

_KEPT_MAX: Final = 4
"""The number of files that are kept open: the index of all runs, and the runs that were used last."""


class KeptEventLog(SqliteEventLogStorage):
    """Dagster's event log in SQLite, in the files and tables of its own storage class."""

    def __init__(self, base_dir: str, inst_data: ConfigurableClassData | None = None) -> None:
        self._kept: OrderedDict[str, sa.Engine] = OrderedDict()
        super().__init__(base_dir, inst_data)

    @classmethod
    def from_config_value(
        cls, inst_data: ConfigurableClassData | None, config_value: Mapping[str, Any]
    ) -> "KeptEventLog":
        """Make it from the values of `dagster.yaml`."""
        return cls(inst_data=inst_data, **config_value)

    def run_connection(self, run_id: str | None = None) -> AbstractContextManager[sa.Connection]:
        """Open a transaction on the file of a run, for one thread at a time."""
        return self._transaction(str(run_id))

    def index_connection(self) -> AbstractContextManager[sa.Connection]:
        """Open a transaction on the index of all runs, for one thread at a time."""
        return self._transaction(INDEX_SHARD_NAME)

    def dispose(self) -> None:
        """Close the files."""
        with self._db_lock:
            while self._kept:
                self._kept.popitem()[1].dispose()
        super().dispose()

    @contextmanager
    def _transaction(self, shard: str) -> Iterator[sa.Connection]:
        if shard not in self._initialized_dbs:
            with self._connect(shard):  # which makes the tables
                pass
        with self._db_lock, self._engine(shard).begin() as connection:
            yield connection

    def _engine(self, shard: str) -> sa.Engine:
        """Return the engine of a file, with at most one connection; the one that was used longest ago is closed."""
        if shard not in self._kept:
            timeout = {"timeout": SQLITE_BUSY_TIMEOUT_SECONDS, "check_same_thread": False}
            url = self.conn_string_for_shard(shard)
            self._kept[shard] = sa.create_engine(url, pool_size=1, max_overflow=0, connect_args=timeout)
        self._kept.move_to_end(shard)
        if len(self._kept) > _KEPT_MAX:
            self._kept.popitem(last=False)[1].dispose()
        return self._kept[shard]
