from typing import Optional

from .base_model import BaseModel
from .enums import RefusalCode


class MagicAccounts(BaseModel):
    magic_accounts: list["MagicAccountsMagicAccounts"]


class MagicAccountsMagicAccounts(BaseModel):
    external_ref: str
    account: str
    description: str
    outcome: Optional[RefusalCode]


MagicAccounts.model_rebuild()
