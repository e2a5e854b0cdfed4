"""The commit log of one Delta table, appended to so that two who write at once can never both be believed.

Version N of a table is the object `_delta_log/N.json`. A commit is one write that must not find that object: rows, the
journal position that they reach and what is said of them stand in it together, or nothing of it does. Delta's own
client does the same from Python in 5 to 20 ms, growing with the files that are live; this takes a tenth of a
millisecond, whatever is live, because an append has to know nothing of the table but its version.

Source: the Delta protocol, «Delta Log Entries», «Transaction Identifiers».
"""

import json
import logging
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
from ledger.kernel.version import VERSION

WRITER: Final = f"{OURS}{VERSION}"
"""The code version that commits name."""

BY_US: Final = CommitProperties(custom_metadata={"writer": WRITER})
"""What says of a commit by Delta's own client that we asked for it."""

_log = logging.getLogger("cofferdam.lake")


class Change(NamedTuple):
    """What a commit does to the files: some become live, some end; `moved`: the table's rows stay what they are."""

    added: Sequence[DataFile] = ()
    removed: Sequence[DataFile] = ()
    moved: bool = False


class LogPosition(NamedTuple):
    """Where in a table's log somebody stands: the version, and the mark (journal position) that it states."""

    version: int
    mark: int


class CommitLog:
    """A held place in the log of a table, which is `name`d in what is said of it.

    Without an application id it is a maintenance writer's: it moves no mark, and passes those who do.
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
        self._seen: str | None = None  # the identity of the entry at our version, once it was looked at

    def enter(self, change: Change, said: Mapping[str, str], *, mark: int | None = None) -> bool:
        """Append one commit, which moves the mark if one is given; False where a file to be removed is gone already.

        Others who keep the table in order may have committed meanwhile: what they did is passed. Raises `Fenced` when
        one of them moved the mark or changed what the table is, what `look` raises, and `OSError`.
        """
        assert mark is None or self._app_id is not None, "a maintenance writer moves no mark"
        self.require_own()
        content = b"\n".join(self._lines(change, said, mark))
        removed = {file.path for file in change.removed}
        while not removed & self._gone:
            if self.store.put_new(_path(self.version + 1), content):
                break
            self._pass()
        else:
            return False
        self._stand_at(self.version + 1)
        if mark is not None:
            self.mark = mark
        return True

    def require_own(self) -> None:
        """The entry at our version is there, and is the one that was there: nothing may follow a gap.

        Raises `LostCommit`, `OSError`, and `Fenced` where others have gone so far meanwhile that the entry was cleaned
        away behind a checkpoint of theirs. It costs a look at one object.
        """
        found = self.store.identity(_path(self.version))
        if found is not None and self._seen in (None, found):
            self._seen = found
        elif found is not None:
            raise LostCommit(f"{self._name}: version {self.version} of its log was replaced; {self._replacement()}")
        elif (checkpoint := checkpointed(self.store)) > self.version:
            raise Fenced(f"{self._name} was kept by another worker: its log begins at version {checkpoint} by now")
        elif checkpoint < self.version:
            raise LostCommit(
                f"{self._name}: version {self.version} of its log, the newest, is gone; what it held is brought again "
                "from the ledger"
            )

    def look(self) -> None:
        """Go past what others have committed since; a foreign commit that changes no row is said in one line.

        Raises `LostCommit`; `DamagedLake` where somebody who is not Cofferdam changed rows; `Fenced` where the table
        was changed or another worker wrote; `OSError`.
        """
        self.require_own()
        while self.store.identity(_path(self.version + 1)) is not None:
            self._pass()

    def account_for(self, since: int) -> None:
        """Hold every entry from a version up to ours against what may be there. Raises `DamagedLake`, `OSError`."""
        for stranger in self.strangers(since):
            self._judge(stranger, is_news=stranger.version > since)

    def strangers(self, since: int) -> Iterator[ForeignCommit]:
        """The commits of others from a version up to ours, as far as the log has them. Raises as `account_for`.

        Ours is looked at in any case: where the log was longer, somebody may have put another entry in its place.
        """
        for version in range(max(min(since, self.version), 1), self.version + 1):
            try:
                stranger = foreign_commit(version, self._actions(version))
            except FileNotFoundError:
                continue  # cleaned away behind a checkpoint
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
        """Go past the commit of another, and remember which files it removed: they must not be removed again."""
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
                self._gone.add(path)  # a writer removes no settled file: it need not remember those, which grow many
        self._stand_at(version)

    def _judge(self, stranger: ForeignCommit | None, *, is_news: bool) -> None:
        """Stop a writer where somebody else changed rows; say once what changed none. Maintenance leaves that to it."""
        if stranger is None or self._app_id is None:
            return
        if stranger.harm in (Harm.ROWS, Harm.PROTOCOL):
            raise DamagedLake(
                f"{self._name} was changed by somebody else: {stranger}; nothing more of the book is published until "
                f"the table is made anew: {self._name.remedy}"
            )
        if is_news and stranger.harm is Harm.NONE:
            _log.warning("%s was touched by somebody else: %s; the stream goes on", self._name, stranger)

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
