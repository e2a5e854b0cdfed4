from typing import Literal

from pydantic import Field

from .base_model import BaseModel
from .fragments import (
    OpenedAccountFields,
    OpenedAccountFieldsAccount,  # noqa: F401
)


class OpenAccount(BaseModel):
    open_account: "OpenAccountOpenAccountOpenedAccount"


class OpenAccountOpenAccountOpenedAccount(OpenedAccountFields):
    typename__: Literal["OpenedAccount"] = Field(alias="__typename")


OpenAccount.model_rebuild()
