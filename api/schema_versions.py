"""Versions of the schema for partners, by their dates: a request names one in a header, or gets the newest."""

from typing import Final, NamedTuple

from starlette.datastructures import Headers

from api.graphql.executable_schema import ExecutableSchema
from api.graphql.schema import EXECUTABLE
from api.requests import BadRequest

HEADER: Final = "Cofferdam-Version"
"""The header of requests that names a version, and that of answers with the version that they were executed by."""

VERSIONS: Final[dict[str, ExecutableSchema]] = {"2026-11-28": EXECUTABLE}
"""The schema of each released version. Its SDL is in `api/graphql/versions`, under the same date."""


class SchemaVersion(NamedTuple):
    """A version: its date, and the schema that executes documents by it."""

    date: str
    schema: ExecutableSchema


class UnknownVersion(BadRequest):
    """The header names no version of the schema."""

    code = "unknown_version"


def version_asked(headers: Headers) -> SchemaVersion:
    """Return the version that a request asks for; the newest if it names none. Raises `UnknownVersion`."""
    date = headers.get(HEADER.lower()) or max(VERSIONS)
    if date not in VERSIONS:
        raise UnknownVersion(f"{date[:20]!r} is no version of the schema; name one of: {', '.join(sorted(VERSIONS))}")
    return SchemaVersion(date, VERSIONS[date])
