"""Foreign commits: what somebody other than Cofferdam did to a table, as the table's own log says."""

import json
from collections.abc import Mapping
from enum import Enum
from typing import Any, Final, NamedTuple

from deltalake import DeltaTable

OURS: Final = "cofferdam "
"""What the writer in every commit of ours begins with."""

PROTOCOL: Final = (1, 2)
"""The versions of reader and writer that we keep to; whoever asks for more wants promises that we do not keep."""


class Harm(Enum):
    """What a foreign commit means for who streams to the table."""

    NONE = "no row was changed"
    SHAPE = "the table's properties or columns were changed"
    ROWS = "rows were added or removed"
    PROTOCOL = "the table asks for a protocol that Cofferdam does not write"


class ForeignCommit(NamedTuple):
    """A commit of somebody else: its version, who says to have made it, by which operation, and what that means."""

    version: int
    writer: str
    operation: str
    harm: Harm

    def __str__(self) -> str:
        return f"version {self.version} is by {self.writer} ({self.operation}): {self.harm.value}"


def foreign_commit(version: int, actions: list[dict[str, Any]]) -> ForeignCommit | None:
    """What the actions of a version say, where it is none of ours."""
    info: Mapping[str, Any] = next((action["commitInfo"] for action in actions if "commitInfo" in action), {})
    if str(info.get("writer", "")).startswith(OURS):
        return None
    writer = str(info.get("engineInfo") or info.get("clientVersion") or "somebody who does not say who")
    return ForeignCommit(version, writer, str(info.get("operation") or "no operation is named"), _harm(actions))


def read_actions(content: bytes) -> list[dict[str, Any]]:
    """The actions of a log entry. Raises `ValueError` for what is none."""
    return [json.loads(line) for line in content.splitlines() if line.strip()]


def asks_for_more(protocol: Mapping[str, Any]) -> bool:
    """It goes beyond the protocol that we keep to."""
    reader, writer = PROTOCOL
    return int(protocol.get("minReaderVersion", 1)) > reader or int(protocol.get("minWriterVersion", 1)) > writer


def protocol_beyond_ours(table: DeltaTable) -> str | None:
    """What a table asks for beyond the protocol that we keep to, in the words of Delta."""
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
