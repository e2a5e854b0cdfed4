from typing import Literal

from pydantic import Field

from .base_model import BaseModel
from .fragments import (
    PostedTransfersFields,
    PostedTransfersFieldsTransfers,  # noqa: F401
)


class DeclineSandboxPayment(BaseModel):
    decline_sandbox_payment: "DeclineSandboxPaymentDeclineSandboxPaymentPostedTransfers"


class DeclineSandboxPaymentDeclineSandboxPaymentPostedTransfers(PostedTransfersFields):
    typename__: Literal["PostedTransfers"] = Field(alias="__typename")


DeclineSandboxPayment.model_rebuild()
