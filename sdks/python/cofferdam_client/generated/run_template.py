from typing import Literal

from pydantic import Field

from .base_model import BaseModel
from .fragments import (
    PostedTransfersFields,
    PostedTransfersFieldsTransfers,  # noqa: F401
)


class RunTemplate(BaseModel):
    run_template: "RunTemplateRunTemplatePostedTransfers"


class RunTemplateRunTemplatePostedTransfers(PostedTransfersFields):
    typename__: Literal["PostedTransfers"] = Field(alias="__typename")


RunTemplate.model_rebuild()
