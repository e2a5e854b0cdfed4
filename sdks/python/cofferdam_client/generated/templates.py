from .base_model import BaseModel
from .fragments import PageFields, TemplateFields


class Templates(BaseModel):
    templates: "TemplatesTemplates"


class TemplatesTemplates(BaseModel):
    nodes: list["TemplatesTemplatesNodes"]
    page_info: "TemplatesTemplatesPageInfo"
    as_of: str


TemplatesTemplatesNodes = TemplateFields
TemplatesTemplatesPageInfo = PageFields
Templates.model_rebuild()
TemplatesTemplates.model_rebuild()
