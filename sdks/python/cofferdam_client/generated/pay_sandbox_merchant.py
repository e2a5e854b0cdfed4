from typing import Literal

from pydantic import Field

from .base_model import BaseModel
from .fragments import (
    PostedTransfersFields,
    PostedTransfersFieldsTransfers,  # noqa: F401
)


class PaySandboxMerchant(BaseModel):
    pay_sandbox_merchant: "PaySandboxMerchantPaySandboxMerchantPostedTransfers"


class PaySandboxMerchantPaySandboxMerchantPostedTransfers(PostedTransfersFields):
    typename__: Literal["PostedTransfers"] = Field(alias="__typename")


PaySandboxMerchant.model_rebuild()
