"""The commit log of one Delta table; of two concurrent writers, only one can create the next version.

Version N of a table is the object `_delta_log/N.json`. A commit is one put-if-absent of that object: it contains rows,
the journal position that they reach and its description together. Delta's own client does the same from Python in 5 to
20 ms, growing with the number of live files; this takes a tenth of a millisecond, because an append has to know nothing
of the table but its version.

Source: the Delta protocol, "Delta Log Entries", "Transaction Identifiers".
"""

import json
import logging
import time
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final, NamedTuple

from deltalake import CommitProperties

from lake.delta.files import DataFile, Level, level_in
from lake.delta.foreign_commits import OURS, ForeignCommit, Harm, foreign_commit, read_actions
from lake.delta.logs import checkpointed
from lake.delta.statistics import millis
from lake.delta.store import ObjectStore
from lake.errors import DamagedLake, Fenced, LostCommit, TableName
from ledger.kernel.clock import Clock, system_clock
from ledger.kernel.metrics import DURATIONS, Histogram
from ledger.kernel.version import VERSION

WRITER: Final = f"{OURS}{VERSION}"
"""The code version that commits name."""

BY_US: Final = CommitProperties(custom_metadata={"writer": WRITER})
"""Marks a commit by Delta's own client as one of ours."""

DELTA_COMMIT_DURATION: Final = Histogram(
    "cofferdam_delta_commit_duration_seconds",
    "Time in which a commit was put into the log of a Delta table.",
    bounds=DURATIONS,
    operation=("append", "maintenance"),
)

_log = logging.getLogger("cofferdam.lake")


class Change(NamedTuple):
    """The file changes of a commit: added and removed files; `moved`: the table's rows stay the same."""

    added: Sequence[DataFile] = ()
    removed: Sequence[DataFile] = ()
    moved: bool = False


class LogPosition(NamedTuple):
    """A position in a table's log: the version, and the journal position recorded at it."""

    version: int
    mark: int


class CommitLog:
    """A writer's position in the log of a table, whose `name` appears in messages.

    A maintenance writer has no app id: it never advances the position, and rebases over commits that do.
    """

    def __init__(
        self,
        store: ObjectStore,
        app_id: str | None,
        place: LogPosition,
        *,
        name: TableName,
        clock: Clock = system_clock,
    ) -> None:
        self.store: Final = store
        self.version, self.mark = place
        self._app_id: Final = app_id
        self._name: Final = name
        self._clock: Final = clock
        self._gone: Final[set[str]] = set()
        self._seen: str | None = None  # identity of the entry at our version, after it was checked

    def enter(self, change: Change, said: Mapping[str, str], *, mark: int | None = None) -> bool:
        """Append one commit, which advances the position to `mark` if given; returns False if a file to remove is gone.

        Commits of maintenance writers in between are rebased over. Raises `Fenced` if one of them advanced the position
        or changed the table's metadata, the errors of `look`, and `OSError`.
        """
        assert mark is None or self._app_id is not None, "a maintenance writer moves no mark"
        self.require_own()
        began_ns = time.perf_counter_ns()
        content = b"\n".join(self._lines(change, said, mark))
        removed = {file.path for file in change.removed}
        while not removed & self._gone:
            if self.store.put_new(_path(self.version + 1), content):
                break
            self._pass()
        else:
            return False
        self._stand_at(self.version + 1)
        operation = DELTA_COMMIT_DURATION.of("append" if mark is not None else "maintenance")
        operation.observe(time.perf_counter_ns() - began_ns)
        if mark is not None:
            self.mark = mark
        return True

    def require_own(self) -> None:
        """Check that the entry at our version exists and has not been replaced, because nothing may follow a gap.

        Raises `LostCommit`, `OSError`, and `Fenced` if others have committed so much that a later checkpoint replaced
        the entry. It costs one request for one object.
        """
        found = self.store.identity(_path(self.version))
        if found is not None and self._seen in (None, found):
            self._seen = found
        elif found is not None:
            raise LostCommit(f"{self._name}: version {self.version} of its log was replaced; {self._replacement()}")
        elif (checkpoint := checkpointed(self.store)) > self.version:
            raise Fenced(
                f"{self._name} was maintained by another worker: its log begins at version {checkpoint} by now"
            )
        elif checkpoint < self.version:
            raise LostCommit(
                f"{self._name}: version {self.version} of its log, the newest, is gone; what it held is brought again "
                "from the ledger"
            )

    def look(self) -> None:
        """Read the commits of others since; a foreign commit that changes no row is logged in one line.

        Raises `LostCommit`; `DamagedLake` if software other than Cofferdam changed rows; `Fenced` if the table was
        changed or another worker wrote; `OSError`.
        """
        self.require_own()
        while self.store.identity(_path(self.version + 1)) is not None:
            self._pass()

    def account_for(self, since: int) -> None:
        """Check every entry from a version up to ours for foreign commits. Raises `DamagedLake`, `OSError`."""
        for stranger in self.strangers(since):
            self._judge(stranger, is_news=stranger.version > since)

    def strangers(self, since: int) -> Iterator[ForeignCommit]:
        """Yield the foreign commits from a version up to ours, as far as the log has them. Raises as `account_for`.

        Our own version is checked in any case: if the log was longer, another entry may have replaced it.
        """
        for version in range(max(min(since, self.version), 1), self.version + 1):
            try:
                stranger = foreign_commit(version, self._actions(version))
            except FileNotFoundError:
                continue  # replaced by a later checkpoint
            if stranger is not None:
                yield stranger

    def _lines(self, change: Change, said: Mapping[str, str], mark: int | None) -> Iterator[bytes]:
        now = self._clock()
        operation = "OPTIMIZE" if change.moved else "WRITE"
        mode = {} if change.moved else {"mode": "Overwrite" if change.removed else "Append"}
        blind = {"isBlindAppend": not change.removed, "engineInfo": WRITER, "writer": WRITER}
        info = {"timestamp": millis(now), "operation": operation, "operationParameters": mode, **blind, **said}
        yield _line({"commitInfo": info})
        if mark is not None:
            yield _line({"txn": {"appId": self._app_id, "version": mark, "lastUpdated": millis(now)}})
        for file in change.added:
            yield _line(file.added(now, moved=change.moved))
        for file in change.removed:
            yield _line(file.removed(now, moved=change.moved))

    def _pass(self) -> None:
        """Read another writer's commit, and remember the files that it removed: they must not be removed again."""
        version = self.version + 1
        actions = self._actions(version)
        if self._app_id is not None and any(action.get("txn", {}).get("appId") == self._app_id for action in actions):
            raise Fenced(f"another worker writes to {self._name}: it made version {version}")
        stranger = foreign_commit(version, actions)
        self._judge(stranger, is_news=True)
        if any("metaData" in action or "protocol" in action for action in actions):
            raise Fenced(f"{self._name} was changed in version {version}{f': {stranger}' if stranger else ''}")
        for action in actions:
            path = action.get("remove", {}).get("path")
            if path is not None and (self._app_id is None or level_in(path) < Level.SETTLED):
                self._gone.add(path)  # a writer never removes these large files, and remembering them would take memory
        self._stand_at(version)

    def _judge(self, stranger: ForeignCommit | None, *, is_news: bool) -> None:
        """Raise if a foreign commit changed rows; log once if it changed none.

        Maintenance leaves that to the writer.
        """
        if stranger is None or self._app_id is None:
            return
        if stranger.harm in (Harm.ROWS, Harm.PROTOCOL):
            raise DamagedLake(
                f"{self._name} was changed by somebody else: {stranger}; nothing more of the book is published until "
                f"the table is made anew: {self._name.remedy}"
            )
        if is_news and stranger.harm is Harm.NONE:
            _log.warning("%s was changed by other software: %s; the stream goes on", self._name, stranger)

    def _stand_at(self, version: int) -> None:
        self.version, self._seen = version, None

    def _actions(self, version: int) -> list[dict[str, Any]]:
        content = self.store.get(_path(version))
        try:
            return read_actions(content)
        except ValueError as fault:
            raise DamagedLake(
                f"{self._name}: version {version} of its log cannot be read ({fault}); make the table anew: "
                f"{self._name.remedy}"
            ) from fault

    def _replacement(self) -> str:
        stranger = foreign_commit(self.version, self._actions(self.version))
        return f"what stands there is another commit of Cofferdam's: {WRITER}" if stranger is None else str(stranger)


def _path(version: int) -> str:
    return f"_delta_log/{version:020}.json"


def _line(action: Mapping[str, object]) -> bytes:
    return json.dumps(action, separators=(",", ":")).encode()
