from typing import Literal, Optional

from pydantic import Field

from .base_model import BaseModel


class ReplayWebhooks(BaseModel):
    replay_webhooks: "ReplayWebhooksReplayWebhooksReplayedWebhooks"


class ReplayWebhooksReplayWebhooksReplayedWebhooks(BaseModel):
    typename__: Literal["ReplayedWebhooks"] = Field(alias="__typename")
    count: int
    continue_since: Optional[str]
    position: str
    is_replay: bool


ReplayWebhooks.model_rebuild()
