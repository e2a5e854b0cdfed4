from typing import Literal

from pydantic import Field

from .base_model import BaseModel
from .fragments import (
    WatchedAccountFields,
    WatchedAccountFieldsMonitor,  # noqa: F401
)


class BeginMonitor(BaseModel):
    begin_monitor: "BeginMonitorBeginMonitorWatchedAccount"


class BeginMonitorBeginMonitorWatchedAccount(WatchedAccountFields):
    typename__: Literal["WatchedAccount"] = Field(alias="__typename")


BeginMonitor.model_rebuild()
