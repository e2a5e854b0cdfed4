from typing import Literal, Optional

from pydantic import Field

from .base_model import BaseModel


class CreateTestKey(BaseModel):
    create_test_key: "CreateTestKeyCreateTestKeyCreatedTestKey"


class CreateTestKeyCreateTestKeyCreatedTestKey(BaseModel):
    typename__: Literal["CreatedTestKey"] = Field(alias="__typename")
    test_key: Optional[str]
    position: str
    is_replay: bool


CreateTestKey.model_rebuild()
