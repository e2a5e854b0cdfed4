"""Requests without their input and output: what is sent, what an answer means, and when to try again."""

import json
import random
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any, Final
from uuid import uuid4

import httpx
from pydantic_core import to_jsonable_python

from .errors import CofferdamError, Refused, RequestFailed
from .generated import VERSION
from .generated.base_model import UNSET, BaseModel
from .generated.refusals import REFUSALS

TIMEOUT_S: Final = 15.0
"""The seconds to wait for an answer: the server ends a request after ten."""


SILENCE_S: Final = 30.0
"""The seconds of silence after which a stream is taken for broken: the server sends a comment every twelve."""


@dataclass(frozen=True, slots=True)
class Retries:
    """How often a request is sent that had no answer, or a temporary fault, and how long to wait in between.

    The pause doubles from `pause_s` up to `pause_s_max`, and is drawn between nothing and that. Where the server says
    how long to wait, the pause is not shorter; a wait beyond `retry_after_s_max` is left to the caller.
    """

    attempts: int = 5
    pause_s: float = 0.2
    pause_s_max: float = 10.0
    retry_after_s_max: float = 60.0

    def pause(self, attempt: int, fault: CofferdamError) -> float | None:
        """Return the seconds to wait after that attempt, counted from 1; None to give up."""
        asked = fault.retry_after_s or 0.0
        if not fault.is_temporary or attempt >= self.attempts or asked > self.retry_after_s_max:
            return None
        longest = min(self.pause_s * 2 ** (attempt - 1), self.pause_s_max)
        return float(max(asked, random.uniform(0, longest)))  # noqa: S311  # spreads requests, and guards no secret


def new_key() -> str:
    """Return a new idempotency key."""
    return str(uuid4())


def headers(api_key: str) -> dict[str, str]:
    """Return what every request states: who asks, and the version of the schema that this package was made from."""
    return {
        "Authorization": f"Bearer {api_key}",
        "Content-Type": "application/json",
        "Accept": "application/graphql-response+json, application/json",
        "Cofferdam-Version": VERSION,
    }


def body(query: str, operation_name: str | None, variables: Mapping[str, Any] | None) -> bytes:
    """Return the body of a request: made once, so that every attempt sends the same bytes and the same key."""
    given = {name: _json(value) for name, value in (variables or {}).items() if value is not UNSET}
    return json.dumps({"query": query, "operationName": operation_name, "variables": given}).encode()


def data_of(response: httpx.Response) -> dict[str, Any]:
    """Return the data of an answer. Raises `Refused` for a refusal, and `RequestFailed` for any other error."""
    request_id, pause_s = response.headers.get("X-Request-Id", ""), _retry_after_s(response)
    try:
        answer = response.json()
    except ValueError:
        answer = {}
    if not isinstance(answer, dict) or answer.get("errors") or not isinstance(answer.get("data"), dict):
        errors = answer.get("errors", []) if isinstance(answer, dict) else []
        raise RequestFailed(response.status_code, errors, request_id, pause_s)
    for shown in answer["data"].values():
        if isinstance(shown, dict) and {"__typename", "code", "message", "isReplay"} <= shown.keys():
            raise REFUSALS.get(shown["__typename"], Refused)(shown)
    return dict(answer["data"])


def data_of_event(text: str) -> dict[str, Any]:
    """Return the data of one event of a stream. Raises `RequestFailed`."""
    result = json.loads(text)
    if result.get("errors"):
        raise RequestFailed(httpx.codes.OK, result["errors"])
    return dict(result["data"])


def position_of(data: Mapping[str, Any]) -> str:
    """Return the position of an event, after which its stream continues."""
    (event,) = data.values()
    return str(event["position"])


def _json(value: object) -> Any:
    if isinstance(value, BaseModel):
        return value.model_dump(mode="json", by_alias=True, exclude_unset=True)
    if isinstance(value, list | tuple):
        return [_json(each) for each in value]
    return to_jsonable_python(value)


def _retry_after_s(response: httpx.Response) -> float | None:
    """Return what the header `Retry-After` says, as seconds or as a date (RFC 9110, 10.2.3)."""
    text = response.headers.get("Retry-After", "")
    if text.isdecimal():
        return float(text)
    try:
        moment = parsedate_to_datetime(text)
    except ValueError:
        return None
    return max(0.0, (moment - datetime.now(UTC)).total_seconds())
