from typing import Optional

from .base_model import BaseModel
from .fragments import (  # noqa: F401
    AccountFields,
    AccountFieldsAvailable,
    AccountFieldsBalance,
    AccountFieldsCreditLine,
    AccountFieldsCustomer,
    AccountFieldsPending,
)


class Account(BaseModel):
    account: Optional["AccountAccount"]


class AccountAccount(AccountFields):
    metadata: list["AccountAccountMetadata"]


class AccountAccountMetadata(BaseModel):
    name: str
    value: str


Account.model_rebuild()
AccountAccount.model_rebuild()
