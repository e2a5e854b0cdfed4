from typing import Literal

from pydantic import Field

from .base_model import BaseModel
from .fragments import (
    PostedTransfersFields,
    PostedTransfersFieldsTransfers,  # noqa: F401
)


class CloseAccount(BaseModel):
    close_account: "CloseAccountCloseAccountPostedTransfers"


class CloseAccountCloseAccountPostedTransfers(PostedTransfersFields):
    typename__: Literal["PostedTransfers"] = Field(alias="__typename")


CloseAccount.model_rebuild()
