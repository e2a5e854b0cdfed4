from typing import Literal

from pydantic import Field

from .base_model import BaseModel
from .fragments import (
    PostedTransfersFields,
    PostedTransfersFieldsTransfers,  # noqa: F401
)


class FundSandboxAccount(BaseModel):
    fund_sandbox_account: "FundSandboxAccountFundSandboxAccountPostedTransfers"


class FundSandboxAccountFundSandboxAccountPostedTransfers(PostedTransfersFields):
    typename__: Literal["PostedTransfers"] = Field(alias="__typename")


FundSandboxAccount.model_rebuild()
