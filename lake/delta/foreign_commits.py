"""Foreign commits: changes of a table by software other than Cofferdam, read from the table's log."""

import json
from collections.abc import Mapping
from enum import Enum
from typing import Any, Final, NamedTuple

from deltalake import DeltaTable

OURS: Final = "cofferdam "
"""The prefix of the writer in every commit of ours."""

PROTOCOL: Final = (1, 2)
"""The versions of reader and writer that we support; a table with higher ones needs guarantees that we do not give."""


class Harm(Enum):
    """The meaning of a foreign commit for a process that streams to the table."""

    NONE = "no row was changed"
    SHAPE = "the table's properties or columns were changed"
    ROWS = "rows were added or removed"
    PROTOCOL = "the table asks for a protocol that Cofferdam does not write"


class ForeignCommit(NamedTuple):
    """A commit of other software: its version, the writer and operation that it states, and its harm."""

    version: int
    writer: str
    operation: str
    harm: Harm

    def __str__(self) -> str:
        return f"version {self.version} is by {self.writer} ({self.operation}): {self.harm.value}"


def foreign_commit(version: int, actions: list[dict[str, Any]]) -> ForeignCommit | None:
    """Return the foreign commit in the actions of a version, or None if the commit is ours."""
    info: Mapping[str, Any] = next((action["commitInfo"] for action in actions if "commitInfo" in action), {})
    if str(info.get("writer", "")).startswith(OURS):
        return None
    writer = str(info.get("engineInfo") or info.get("clientVersion") or "software that does not name itself")
    return ForeignCommit(version, writer, str(info.get("operation") or "no operation is named"), _harm(actions))


def read_actions(content: bytes) -> list[dict[str, Any]]:
    """Parse the actions of a log entry. Raises `ValueError` if it is not one."""
    return [json.loads(line) for line in content.splitlines() if line.strip()]


def asks_for_more(protocol: Mapping[str, Any]) -> bool:
    """Return whether a protocol goes beyond the one that we support."""
    reader, writer = PROTOCOL
    return int(protocol.get("minReaderVersion", 1)) > reader or int(protocol.get("minWriterVersion", 1)) > writer


def protocol_beyond_ours(table: DeltaTable) -> str | None:
    """Describe the protocol of a table in Delta's terms if it goes beyond ours, otherwise return None."""
    asked = table.protocol()
    versions = {"minReaderVersion": asked.min_reader_version, "minWriterVersion": asked.min_writer_version}
    if not asks_for_more(versions):
        return None
    features = ", ".join(sorted({*(asked.reader_features or ()), *(asked.writer_features or ())}))
    return (
        f"reader {asked.min_reader_version} and writer {asked.min_writer_version}{f' with {features}' * bool(features)}"
    )


def _harm(actions: list[dict[str, Any]]) -> Harm:
    if any(asks_for_more(action["protocol"]) for action in actions if "protocol" in action):
        return Harm.PROTOCOL
    files = [action[kind] for action in actions for kind in ("add", "remove") if kind in action]
    if any(file.get("dataChange", True) for file in files) or any("txn" in action for action in actions):
        return Harm.ROWS
    return Harm.SHAPE if any({"metaData", "protocol"} & action.keys() for action in actions) else Harm.NONE
