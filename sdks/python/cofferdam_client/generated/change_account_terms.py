from typing import Literal

from pydantic import Field

from .base_model import BaseModel
from .fragments import (
    ChangedAccountFields,
    ChangedAccountFieldsAccount,  # noqa: F401
)


class ChangeAccountTerms(BaseModel):
    change_account_terms: "ChangeAccountTermsChangeAccountTermsChangedAccount"


class ChangeAccountTermsChangeAccountTermsChangedAccount(ChangedAccountFields):
    typename__: Literal["ChangedAccount"] = Field(alias="__typename")


ChangeAccountTerms.model_rebuild()
