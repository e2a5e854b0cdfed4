from typing import Literal

from pydantic import Field

from .base_model import BaseModel
from .fragments import (
    PostedTransfersFields,
    PostedTransfersFieldsTransfers,  # noqa: F401
)


class ReverseTransfer(BaseModel):
    reverse_transfer: "ReverseTransferReverseTransferPostedTransfers"


class ReverseTransferReverseTransferPostedTransfers(PostedTransfersFields):
    typename__: Literal["PostedTransfers"] = Field(alias="__typename")


ReverseTransfer.model_rebuild()
