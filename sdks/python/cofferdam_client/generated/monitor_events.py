from datetime import datetime
from typing import Optional

from .base_model import BaseModel
from .fragments import PageFields


class MonitorEvents(BaseModel):
    monitor_events: "MonitorEventsMonitorEvents"


class MonitorEventsMonitorEvents(BaseModel):
    nodes: list["MonitorEventsMonitorEventsNodes"]
    page_info: "MonitorEventsMonitorEventsPageInfo"
    as_of: str


class MonitorEventsMonitorEventsNodes(BaseModel):
    id: str
    monitor: Optional["MonitorEventsMonitorEventsNodesMonitor"]
    account: Optional["MonitorEventsMonitorEventsNodesAccount"]
    transfer: Optional["MonitorEventsMonitorEventsNodesTransfer"]
    measured_minor: int
    recorded_at: datetime
    position: str


class MonitorEventsMonitorEventsNodesMonitor(BaseModel):
    id: str


class MonitorEventsMonitorEventsNodesAccount(BaseModel):
    id: str
    external_ref: Optional[str]


class MonitorEventsMonitorEventsNodesTransfer(BaseModel):
    id: str


MonitorEventsMonitorEventsPageInfo = PageFields
MonitorEvents.model_rebuild()
MonitorEventsMonitorEvents.model_rebuild()
MonitorEventsMonitorEventsNodes.model_rebuild()
