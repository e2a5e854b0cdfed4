from datetime import datetime

from .base_model import BaseModel
from .enums import Vertical


class Me(BaseModel):
    me: "MeMe"


class MeMe(BaseModel):
    id: str
    external_ref: str
    name: str
    vertical: Vertical
    customers: int
    customers_without_person_ref: int
    registered_at: datetime


Me.model_rebuild()
