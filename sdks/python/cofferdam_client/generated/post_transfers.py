from typing import Literal

from pydantic import Field

from .base_model import BaseModel
from .fragments import (
    PostedTransfersFields,
    PostedTransfersFieldsTransfers,  # noqa: F401
)


class PostTransfers(BaseModel):
    post_transfers: "PostTransfersPostTransfersPostedTransfers"


class PostTransfersPostTransfersPostedTransfers(PostedTransfersFields):
    typename__: Literal["PostedTransfers"] = Field(alias="__typename")


PostTransfers.model_rebuild()
