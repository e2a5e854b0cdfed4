from datetime import date
from typing import Optional

from pydantic import Field

from .base_model import BaseModel
from .fragments import EntryPageFields, MoneyFields


class AccountStatement(BaseModel):
    account: Optional["AccountStatementAccount"]


class AccountStatementAccount(BaseModel):
    id: str
    external_ref: Optional[str]
    statement: Optional["AccountStatementAccountStatement"]


class AccountStatementAccountStatement(BaseModel):
    from_: date = Field(alias="from")
    until: date
    opening: "AccountStatementAccountStatementOpening"
    debits: "AccountStatementAccountStatementDebits"
    credits: "AccountStatementAccountStatementCredits"
    closing: "AccountStatementAccountStatementClosing"
    entries: "AccountStatementAccountStatementEntries"
    as_of: str


AccountStatementAccountStatementOpening = MoneyFields
AccountStatementAccountStatementDebits = MoneyFields
AccountStatementAccountStatementCredits = MoneyFields
AccountStatementAccountStatementClosing = MoneyFields
AccountStatementAccountStatementEntries = EntryPageFields
AccountStatement.model_rebuild()
AccountStatementAccount.model_rebuild()
AccountStatementAccountStatement.model_rebuild()
