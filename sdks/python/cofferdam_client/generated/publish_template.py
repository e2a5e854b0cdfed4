from typing import Literal

from pydantic import Field

from .base_model import BaseModel
from .fragments import (
    PublishedTemplateFields,
    PublishedTemplateFieldsTemplate,  # noqa: F401
)


class PublishTemplate(BaseModel):
    publish_template: "PublishTemplatePublishTemplatePublishedTemplate"


class PublishTemplatePublishTemplatePublishedTemplate(PublishedTemplateFields):
    typename__: Literal["PublishedTemplate"] = Field(alias="__typename")


PublishTemplate.model_rebuild()
