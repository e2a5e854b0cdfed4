from typing import Literal

from pydantic import Field

from .base_model import BaseModel
from .fragments import (
    WatchedAccountFields,
    WatchedAccountFieldsMonitor,  # noqa: F401
)


class EndMonitor(BaseModel):
    end_monitor: "EndMonitorEndMonitorWatchedAccount"


class EndMonitorEndMonitorWatchedAccount(WatchedAccountFields):
    typename__: Literal["WatchedAccount"] = Field(alias="__typename")


EndMonitor.model_rebuild()
