from datetime import datetime
from typing import Optional

from .base_model import BaseModel


class SandboxClock(BaseModel):
    sandbox_clock: Optional["SandboxClockSandboxClock"]


class SandboxClockSandboxClock(BaseModel):
    now: datetime
    ahead_seconds: int


SandboxClock.model_rebuild()
