from typing import Literal

from pydantic import Field

from .base_model import BaseModel


class ReplayRequest(BaseModel):
    replay_request: "ReplayRequestReplayRequestReplayedRequest"


class ReplayRequestReplayRequestReplayedRequest(BaseModel):
    typename__: Literal["ReplayedRequest"] = Field(alias="__typename")
    answer: str
    position: str
    is_replay: bool


ReplayRequest.model_rebuild()
