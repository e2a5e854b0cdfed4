from datetime import datetime

from .base_model import BaseModel
from .fragments import TransferFields


class TransferPosted(BaseModel):
    transfer_posted: "TransferPostedTransferPosted"


class TransferPostedTransferPosted(BaseModel):
    position: str
    recorded_at: datetime
    transfer: "TransferPostedTransferPostedTransfer"


TransferPostedTransferPostedTransfer = TransferFields
TransferPosted.model_rebuild()
TransferPostedTransferPosted.model_rebuild()
