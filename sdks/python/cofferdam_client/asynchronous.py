"""The transport of the client for `async` code."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from typing import Any, Self

import httpx

from .errors import CofferdamError, Unreachable
from .requests import (
    SILENCE_S,
    TIMEOUT_S,
    Retries,
    body,
    data_of,
    data_of_event,
    headers,
    new_key,
    position_of,
)


class AsyncTransport:
    """Sends requests to an address such as `https://api.example.com/graphql`, with an API key or an access token.

    It is an asynchronous context manager. `http` is an `httpx.AsyncClient` of your own, for a proxy or
    certificates; it stays open.
    """

    def __init__(
        self, address: str, api_key: str, *, retries: Retries | None = None, http: httpx.AsyncClient | None = None
    ) -> None:
        self._address, self._headers = address, headers(api_key)
        self._retries = retries or Retries()
        self._http, self._owns_http = http or httpx.AsyncClient(timeout=TIMEOUT_S), http is None

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_fault: object) -> None:
        await self.close()

    async def close(self) -> None:
        """Close the connections."""
        if self._owns_http:
            await self._http.aclose()

    def key_of_call(self, given: str | None) -> str:
        """Return the idempotency key that a call was given, or a new one."""
        return new_key() if given is None else given

    async def execute(
        self, query: str, operation_name: str | None = None, variables: Mapping[str, Any] | None = None
    ) -> dict[str, Any]:
        """Send a document until it is answered; returns its data. Raises `CofferdamError`."""
        content, attempt = body(query, operation_name, variables), 0
        while True:
            attempt += 1
            try:
                return await self._sent(content)
            except CofferdamError as fault:
                pause_s = self._retries.pause(attempt, fault)
                if pause_s is None:
                    raise
            await self.wait(pause_s)

    async def wait(self, pause_s: float) -> None:
        """Wait between two attempts; override it to wait in another way."""
        await asyncio.sleep(pause_s)

    async def execute_ws(
        self, query: str, operation_name: str | None = None, variables: Mapping[str, Any] | None = None
    ) -> AsyncIterator[dict[str, Any]]:
        """Yield the data of each event of a subscription, as server-sent events. Raises `CofferdamError`.

        A stream that breaks off is continued after the last event that came, so that none is lost or seen twice. One
        without `since` begins now, and has nothing to continue after until its first event.
        """
        given, attempt = dict(variables or {}), 0
        while True:
            attempt += 1
            fault: CofferdamError = Unreachable(f"the stream from {self._address} has ended")
            try:
                async for data in self._events(body(query, operation_name, given)):
                    attempt, given["since"] = 0, position_of(data)
                    yield data
            except CofferdamError as broken:
                fault = broken
            pause_s = self._retries.pause(max(attempt, 1), fault)
            if pause_s is None:
                raise fault
            await self.wait(pause_s)

    def get_data(self, data: dict[str, Any]) -> dict[str, Any]:
        """Return the data as it is: `execute` has read the answer."""
        return data

    async def _events(self, content: bytes) -> AsyncIterator[dict[str, Any]]:
        streamed = self._headers | {"Accept": "text/event-stream"}
        timeout = httpx.Timeout(TIMEOUT_S, read=SILENCE_S)
        try:
            async with self._http.stream(
                "POST", self._address, content=content, headers=streamed, timeout=timeout
            ) as response:
                if response.status_code != httpx.codes.OK:
                    await response.aread()
                    data_of(response)
                async for line in response.aiter_lines():
                    if line.startswith("data: {"):
                        yield data_of_event(line.removeprefix("data: "))
        except httpx.TransportError as fault:
            raise Unreachable(f"the stream from {self._address} broke off: {fault}") from fault

    async def _sent(self, content: bytes) -> dict[str, Any]:
        try:
            response = await self._http.post(self._address, content=content, headers=self._headers)
        except httpx.TransportError as fault:
            raise Unreachable(f"no answer from {self._address}: {fault}") from fault
        return data_of(response)
