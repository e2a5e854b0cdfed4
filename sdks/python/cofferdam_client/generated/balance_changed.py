from datetime import datetime

from .base_model import BaseModel
from .fragments import AccountFields


class BalanceChanged(BaseModel):
    balance_changed: "BalanceChangedBalanceChanged"


class BalanceChangedBalanceChanged(BaseModel):
    position: str
    recorded_at: datetime
    account: "BalanceChangedBalanceChangedAccount"


BalanceChangedBalanceChangedAccount = AccountFields
BalanceChanged.model_rebuild()
BalanceChangedBalanceChanged.model_rebuild()
