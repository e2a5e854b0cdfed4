from datetime import date
from typing import Optional

from .base_model import BaseModel
from .enums import InsightWithheld, Vertical
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
    unit: str
    cells: list["InsightsInsightsNodesCells"]
    buckets: list["InsightsInsightsNodesBuckets"]
    release: "InsightsInsightsNodesRelease"


class InsightsInsightsNodesCells(BaseModel):
    vertical: Vertical
    value: Optional[int]
    smoothed: Optional[int]
    margin_95: Optional[int]
    interval_95_total: Optional["InsightsInsightsNodesCellsInterval95Total"]
    withheld: Optional[InsightWithheld]


class InsightsInsightsNodesCellsInterval95Total(BaseModel):
    low: int
    high: int


class InsightsInsightsNodesBuckets(BaseModel):
    at_least: int
    value: Optional[int]


class InsightsInsightsNodesRelease(BaseModel):
    contribution_limit: int
    limit_months: Optional[int]
    rho_micro: int
    epsilon: str
    delta: str


InsightsInsightsPageInfo = PageFields
Insights.model_rebuild()
InsightsInsights.model_rebuild()
InsightsInsightsNodes.model_rebuild()
InsightsInsightsNodesCells.model_rebuild()
