"""The root of all models: camelCase in JSON, snake_case in Python, and no field that only a later schema has."""

from pydantic import BaseModel as PydanticBaseModel
from pydantic import ConfigDict
from pydantic.alias_generators import to_camel


class UnsetType:
    """The type of what a call leaves out."""

    def __bool__(self) -> bool:
        return False


UNSET = UnsetType()
"""An argument that is not sent, in contrast to None, which is sent as null."""


class BaseModel(PydanticBaseModel):
    """A model of the schema; it takes its fields by their names in Python."""

    model_config = ConfigDict(alias_generator=to_camel, populate_by_name=True, protected_namespaces=())
