from datetime import datetime
from typing import Optional

from .base_model import BaseModel
from .enums import SandboxRequestOutcome
from .fragments import PageFields


class SandboxRequests(BaseModel):
    sandbox_requests: "SandboxRequestsSandboxRequests"


class SandboxRequestsSandboxRequests(BaseModel):
    nodes: list["SandboxRequestsSandboxRequestsNodes"]
    page_info: "SandboxRequestsSandboxRequestsPageInfo"


class SandboxRequestsSandboxRequestsNodes(BaseModel):
    id: str
    asked_at: datetime
    request_id: str
    operation_name: Optional[str]
    operation_type: Optional[str]
    document: Optional[str]
    variables: Optional[str]
    status: int
    outcome: SandboxRequestOutcome
    codes: list[str]
    duration_micros: int
    is_replayable: bool


SandboxRequestsSandboxRequestsPageInfo = PageFields
SandboxRequests.model_rebuild()
SandboxRequestsSandboxRequests.model_rebuild()
