from typing import Optional

from .base_model import BaseModel
from .fragments import TemplateFields


class Template(BaseModel):
    template: Optional["TemplateTemplate"]


class TemplateTemplate(TemplateFields):
    metadata: list["TemplateTemplateMetadata"]


class TemplateTemplateMetadata(BaseModel):
    name: str
    value: str


Template.model_rebuild()
TemplateTemplate.model_rebuild()
