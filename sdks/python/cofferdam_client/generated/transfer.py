from typing import Optional

from .base_model import BaseModel
from .fragments import (  # noqa: F401
    TransferEdges,
    TransferEdgesCreditAccount,
    TransferEdgesDebitAccount,
    TransferEdgesHold,
    TransferEdgesReverses,
    TransferFieldsAmount,
)


class Transfer(BaseModel):
    transfer: Optional["TransferTransfer"]


class TransferTransfer(TransferEdges):
    group: Optional["TransferTransferGroup"]


class TransferTransferGroup(BaseModel):
    id: str


Transfer.model_rebuild()
TransferTransfer.model_rebuild()
