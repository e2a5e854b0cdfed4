from typing import Literal

from pydantic import Field

from .base_model import BaseModel
from .fragments import (
    PostedTransfersFields,
    PostedTransfersFieldsTransfers,  # noqa: F401
)


class PostHold(BaseModel):
    post_hold: "PostHoldPostHoldPostedTransfers"


class PostHoldPostHoldPostedTransfers(PostedTransfersFields):
    typename__: Literal["PostedTransfers"] = Field(alias="__typename")


PostHold.model_rebuild()
