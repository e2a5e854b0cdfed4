"""The state of alerts, in a file of the home: what was found, and what each channel has not taken yet."""

import json
import os
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Self

from cofferdam.alerts.records import Alert


@dataclass(slots=True)
class AlertState:
    """The last failure that was found by name, the names in trouble, and the waiting alerts by channel."""

    seen: dict[str, datetime] = field(default_factory=dict)
    troubled: set[str] = field(default_factory=set)
    waiting: dict[str, list[Alert]] = field(default_factory=lambda: defaultdict(list))

    @classmethod
    def load(cls, path: Path) -> Self | None:
        """Read the file; return None if there is none that can be read."""
        try:
            kept = json.loads(path.read_text("utf-8"))
            state = cls({name: datetime.fromisoformat(at) for name, at in kept["seen"].items()}, set(kept["troubled"]))
            for channel, alerts in kept["waiting"].items():
                state.waiting[channel] = [Alert.from_json(each) for each in alerts]
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            return None
        return state

    def save(self, path: Path) -> None:
        """Replace the file, so that a kill leaves the old one or the new one."""
        path.parent.mkdir(parents=True, exist_ok=True)
        kept = {
            "seen": {name: at.isoformat() for name, at in self.seen.items()},
            "troubled": sorted(self.troubled),
            "waiting": {name: [each.as_json() for each in alerts] for name, alerts in self.waiting.items()},
        }
        part = path.with_name(f"{path.name}.{os.getpid()}.part")
        part.write_text(json.dumps(kept) + "\n", "utf-8")
        part.replace(path)
