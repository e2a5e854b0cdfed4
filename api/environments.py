"""Environments: the side that a request reaches, live or test, which every answer says in a header."""

from typing import Final

from starlette.requests import Request

from ledger.tenancy.api_keys import Principal

ENVIRONMENT: Final = "Cofferdam-Environment"
"""The header of answers that says which side the caller's key reaches: `live` or `test`."""


def environment_of(principal: Principal) -> str:
    """Return the side that a caller's key reaches."""
    return "test" if principal.is_test else "live"


def environment_headers(request: Request) -> dict[str, str]:
    """Return the header of the answer to a request; none if the caller was not known."""
    environment = getattr(request.state, "environment", None)
    return {} if environment is None else {ENVIRONMENT: environment}
