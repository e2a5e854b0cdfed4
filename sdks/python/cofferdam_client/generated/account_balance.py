from typing import Optional

from .base_model import BaseModel
from .fragments import MoneyFields


class AccountBalance(BaseModel):
    account_balance: Optional["AccountBalanceAccountBalance"]


class AccountBalanceAccountBalance(BaseModel):
    account_id: str
    balance: "AccountBalanceAccountBalanceBalance"
    pending: "AccountBalanceAccountBalancePending"
    debits: "AccountBalanceAccountBalanceDebits"
    credits: "AccountBalanceAccountBalanceCredits"
    as_of: str


AccountBalanceAccountBalanceBalance = MoneyFields
AccountBalanceAccountBalancePending = MoneyFields
AccountBalanceAccountBalanceDebits = MoneyFields
AccountBalanceAccountBalanceCredits = MoneyFields
AccountBalance.model_rebuild()
AccountBalanceAccountBalance.model_rebuild()
