"""A client of Cofferdam's API: typed calls, retries with one idempotency key, pages, refusals, webhooks."""

from .errors import CofferdamError, Refused, RequestFailed, Unreachable
from .generated import enums, fragments, refusals
from .generated import input_types as inputs
from .generated.async_client import AsyncClient
from .generated.client import Client
from .pages import every, every_async
from .requests import Retries, new_key
from .webhooks import NotAuthentic, verified

__all__ = [
    "AsyncClient",
    "Client",
    "CofferdamError",
    "NotAuthentic",
    "Refused",
    "RequestFailed",
    "Retries",
    "Unreachable",
    "enums",
    "every",
    "every_async",
    "fragments",
    "inputs",
    "new_key",
    "refusals",
    "verified",
]
