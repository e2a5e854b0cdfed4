from datetime import datetime

from .base_model import BaseModel
from .fragments import PageFields


class Customers(BaseModel):
    customers: "CustomersCustomers"


class CustomersCustomers(BaseModel):
    nodes: list["CustomersCustomersNodes"]
    page_info: "CustomersCustomersPageInfo"
    as_of: str


class CustomersCustomersNodes(BaseModel):
    id: str
    is_erased: bool
    registered_at: datetime
    position: str


CustomersCustomersPageInfo = PageFields
Customers.model_rebuild()
CustomersCustomers.model_rebuild()
