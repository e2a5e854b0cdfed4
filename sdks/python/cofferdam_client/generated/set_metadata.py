from typing import Literal

from pydantic import Field

from .base_model import BaseModel
from .fragments import (
    ChangedMetadataFields,
    ChangedMetadataFieldsMetadata,  # noqa: F401
)


class SetMetadata(BaseModel):
    set_metadata: "SetMetadataSetMetadataChangedMetadata"


class SetMetadataSetMetadataChangedMetadata(ChangedMetadataFields):
    typename__: Literal["ChangedMetadata"] = Field(alias="__typename")


SetMetadata.model_rebuild()
