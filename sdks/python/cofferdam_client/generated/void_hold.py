from typing import Literal

from pydantic import Field

from .base_model import BaseModel
from .fragments import (
    PostedTransfersFields,
    PostedTransfersFieldsTransfers,  # noqa: F401
)


class VoidHold(BaseModel):
    void_hold: "VoidHoldVoidHoldPostedTransfers"


class VoidHoldVoidHoldPostedTransfers(PostedTransfersFields):
    typename__: Literal["PostedTransfers"] = Field(alias="__typename")


VoidHold.model_rebuild()
