from .base_model import BaseModel
from .fragments import AccountFields, PageFields


class Accounts(BaseModel):
    accounts: "AccountsAccounts"


class AccountsAccounts(BaseModel):
    nodes: list["AccountsAccountsNodes"]
    page_info: "AccountsAccountsPageInfo"
    as_of: str


AccountsAccountsNodes = AccountFields
AccountsAccountsPageInfo = PageFields
Accounts.model_rebuild()
AccountsAccounts.model_rebuild()
