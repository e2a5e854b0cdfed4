from typing import Literal

from pydantic import Field

from .base_model import BaseModel
from .fragments import (
    PostedTransfersFields,
    PostedTransfersFieldsTransfers,  # noqa: F401
)


class Exchange(BaseModel):
    exchange: "ExchangeExchangePostedTransfers"


class ExchangeExchangePostedTransfers(PostedTransfersFields):
    typename__: Literal["PostedTransfers"] = Field(alias="__typename")


Exchange.model_rebuild()
