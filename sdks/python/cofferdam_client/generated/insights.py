from datetime import date
from typing import Optional

from .base_model import BaseModel
from .enums import Vertical
from .fragments import PageFields


class Insights(BaseModel):
    insights: "InsightsInsights"


class InsightsInsights(BaseModel):
    nodes: list["InsightsInsightsNodes"]
    page_info: "InsightsInsightsPageInfo"
    as_of: str


class InsightsInsightsNodes(BaseModel):
    metric: str
    month: date
    cells: list["InsightsInsightsNodesCells"]
    release: "InsightsInsightsNodesRelease"


class InsightsInsightsNodesCells(BaseModel):
    vertical: Vertical
    value: Optional[int]
    margin_95: Optional[int]
    smoothed: Optional[int]


class InsightsInsightsNodesRelease(BaseModel):
    contribution_limit: int
    epsilon: str
    delta: str


InsightsInsightsPageInfo = PageFields
Insights.model_rebuild()
InsightsInsights.model_rebuild()
InsightsInsightsNodes.model_rebuild()
