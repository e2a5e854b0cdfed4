from typing import Literal

from pydantic import Field

from .base_model import BaseModel
from .fragments import (
    PostedTransfersFields,
    PostedTransfersFieldsTransfers,  # noqa: F401
)


class ReopenAccount(BaseModel):
    reopen_account: "ReopenAccountReopenAccountPostedTransfers"


class ReopenAccountReopenAccountPostedTransfers(PostedTransfersFields):
    typename__: Literal["PostedTransfers"] = Field(alias="__typename")


ReopenAccount.model_rebuild()
