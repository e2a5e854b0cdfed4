from datetime import datetime
from typing import Literal

from pydantic import Field

from .base_model import BaseModel
from .enums import TimerKind


class AdvanceSandboxClock(BaseModel):
    advance_sandbox_clock: "AdvanceSandboxClockAdvanceSandboxClockAdvancedSandboxClock"


class AdvanceSandboxClockAdvanceSandboxClockAdvancedSandboxClock(BaseModel):
    typename__: Literal["AdvancedSandboxClock"] = Field(alias="__typename")
    moved_from: datetime
    moved_to: datetime
    still_due: list[
        "AdvanceSandboxClockAdvanceSandboxClockAdvancedSandboxClockStillDue"
    ]
    position: str
    is_replay: bool


class AdvanceSandboxClockAdvanceSandboxClockAdvancedSandboxClockStillDue(BaseModel):
    kind: TimerKind
    since: datetime


AdvanceSandboxClock.model_rebuild()
AdvanceSandboxClockAdvanceSandboxClockAdvancedSandboxClock.model_rebuild()
