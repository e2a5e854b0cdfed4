from .base_model import BaseModel
from .fragments import PageFields, TransferEdges


class Transfers(BaseModel):
    transfers: "TransfersTransfers"


class TransfersTransfers(BaseModel):
    nodes: list["TransfersTransfersNodes"]
    page_info: "TransfersTransfersPageInfo"
    as_of: str


TransfersTransfersNodes = TransferEdges
TransfersTransfersPageInfo = PageFields
Transfers.model_rebuild()
TransfersTransfers.model_rebuild()
