"""The catalogue of errors: every code that an answer may have, from the classes and the schema that state them."""

from collections.abc import Iterator
from typing import Final, NamedTuple

from graphql import GraphQLEnumType, GraphQLInterfaceType, GraphQLObjectType, GraphQLSchema

from api.access.refusals import AccessRefused, CrossSiteRequest, SignInFailed, SignInNotConfigured, SignInRequired
from api.limits.refusals import LimitExceeded
from api.requests import BadRequest
from ledger.kernel.errors import Refusal, Unavailable

_OF_OPERATORS: Final = (SignInRequired, SignInFailed, SignInNotConfigured, CrossSiteRequest)
"""Refusals that only the operators' endpoint answers with."""

_OF_THE_LANGUAGE: Final = {
    "SYNTAX_ERROR": "The document is not GraphQL; `locations` show where.",
    "INVALID_REQUEST": "The document is not one of this schema, or its variables do not fit; `locations` show where.",
}
_INTERNAL: Final = "A fault of ours. It is logged under the request's id: quote `extensions.requestId` when you ask."


class Entry(NamedTuple):
    """A code: what it means, and the status of its answer; 0 where it is part of an answer with status 200."""

    code: str
    text: str
    status: int = 0


def refusal_codes(schema: GraphQLSchema) -> list[Entry]:
    """Return the codes of refusals, which are answers: the members of the enum `RefusalCode`."""
    codes = schema.type_map["RefusalCode"]
    assert isinstance(codes, GraphQLEnumType)
    return [Entry(name, value.description or "") for name, value in sorted(codes.values.items())]


def refusal_types(schema: GraphQLSchema) -> list[GraphQLObjectType]:
    """Return the types of refusals, by name."""
    refusal = schema.type_map["Refusal"]
    assert isinstance(refusal, GraphQLInterfaceType)
    return sorted(schema.get_implementations(refusal).objects, key=lambda each: each.name)


def request_codes() -> list[Entry]:
    """Return the codes of requests that were not executed, by status."""
    found = {entry.code: entry for root in (BadRequest, LimitExceeded, AccessRefused) for entry in _entries(root)}
    found |= {code: Entry(code, text, 400) for code, text in _OF_THE_LANGUAGE.items()}
    found["UNAVAILABLE"] = Entry("UNAVAILABLE", _sentence(Unavailable), 503)
    found["INTERNAL"] = Entry("INTERNAL", _INTERNAL, 500)
    return sorted(found.values(), key=lambda each: (each.status, each.code))


def _entries(kind: type[BadRequest | LimitExceeded | AccessRefused]) -> Iterator[Entry]:
    """Yield the codes of a class and of those below it that state one of their own."""
    if issubclass(kind, _OF_OPERATORS):
        return
    if "code" in vars(kind):
        yield Entry(kind.code.upper(), _sentence(kind), kind.status)
    for each in kind.__subclasses__():
        yield from _entries(each)


def _sentence(kind: type[Refusal]) -> str:
    return " ".join((kind.__doc__ or "").split("\n\n")[0].split())
