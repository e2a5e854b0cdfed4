"""Errors in answers: shows a refusal with its own text, and masks a bug."""

import logging
from typing import Any, Final

import sqlalchemy as sa
from graphql import GraphQLError, GraphQLSyntaxError

from ledger.kernel.errors import InvalidInput, Refusal, Unavailable
from ledger.kernel.faults import told as told_of_store

_LOG: Final = logging.getLogger("cofferdam.api")
_NO_STORE: Final = "the ledger's store does not answer; send the same request again"
TYPES: Final = frozenset({"InvalidInput", "PositionNotReached", "Unavailable"})
"""The types of the schema that refusals of queries have, by the names of their classes."""

_BY_CALLER: Final = {"classification": "BAD_REQUEST"}
_BY_US: Final = {"classification": "INTERNAL_ERROR"}
"""Sides whose fault an error is, in words of Spring for GraphQL's `ErrorType`, which clients and fuzzers know."""

_MASKED: Final = "an internal error occurred; it is logged under the request id"


class BrokenInside(Refusal):
    """A bug, with the text that its caller sees."""

    code = "internal"


def told(error: GraphQLError, request_id: str) -> dict[str, Any]:
    """Format an error of a GraphQL answer for its caller; the text of a bug goes to the log only."""
    shown: dict[str, Any] = {"message": error.message}
    if error.locations:
        shown["locations"] = [{"line": place.line, "column": place.column} for place in error.locations]
    if error.path is not None:
        shown["path"] = error.path
    cause = _cause(error)
    if isinstance(cause, sa.exc.DBAPIError):
        cause = told_of_store(cause, _NO_STORE) or cause
    if isinstance(cause, Refusal):
        return shown | {"message": str(cause), "extensions": _told_refusal(cause)}
    if isinstance(cause, GraphQLError):
        code = "SYNTAX_ERROR" if isinstance(error, GraphQLSyntaxError) else "INVALID_REQUEST"
        return shown | {"extensions": {"code": code, **_BY_CALLER}}
    if isinstance(cause, RecursionError):
        extensions = {"code": "INVALID_REQUEST", **_BY_CALLER}
        return shown | {"message": "the document is nested too deeply", "extensions": extensions}
    note(cause)
    return shown | {"message": _MASKED, "extensions": {"code": "INTERNAL", **_BY_US, "requestId": request_id}}


def told_alone(refusal: Refusal, request_id: str) -> dict[str, Any]:
    """Return the whole body of the answer to a request that was refused before execution."""
    error = {"message": str(refusal), "extensions": _told_refusal(refusal)}
    return {"errors": [error], "extensions": {"requestId": request_id}}


def store_refusal(fault: sa.exc.DBAPIError) -> Refusal:
    """Return the refusal for a database error outside of posting; raise the error itself if it is a bug."""
    refusal = told_of_store(fault, _NO_STORE)
    if refusal is None:
        raise fault
    return refusal


def note(fault: BaseException, what: str = "the request") -> None:
    """Write a fault down for us; the line of a request has the id that its caller was given."""
    _LOG.error("%s failed", what, exc_info=fault)


def _told_refusal(refusal: Refusal) -> dict[str, Any]:
    """Return the code of a refusal, and its members as the schema types them, if it has a type there."""
    code = refusal.code.upper()
    told = {"code": code, **(_BY_US if isinstance(refusal, BrokenInside | Unavailable) else _BY_CALLER)}
    named = next((each.__name__ for each in type(refusal).__mro__ if each.__name__ in TYPES), None)
    if named is None:
        return told
    path = list(refusal.path) if isinstance(refusal, InvalidInput) else []
    return {**told, "refusal": {"__typename": named, "code": code, "message": str(refusal), "path": path}}


def _cause(error: BaseException) -> BaseException:
    while isinstance(error, GraphQLError) and error.original_error is not None:
        error = error.original_error
    return error
