"""A request is executed by the version of the schema that it names, and the answer says by which."""

from collections.abc import Iterator

import pytest
import strawberry

from api import schema_versions
from api.context import Call
from api.graphql.executable_schema import ExecutableSchema
from api.graphql.nouns.partners import caller
from api.graphql.schema import Mutation, described_schema

NEWEST = max(schema_versions.VERSIONS)


@strawberry.type(name="Partner")
class EarlierPartner:
    """Your partner, when its name was called a title."""

    title: str = strawberry.field(description="Your display name.")


@strawberry.type(name="Query")
class EarlierQuery:
    """The root of an earlier version."""

    @strawberry.field
    def me(self, info: strawberry.Info[Call, None]) -> EarlierPartner:
        """Your partner."""
        return EarlierPartner(title=caller(info.context).name)


@pytest.fixture
def earlier(monkeypatch) -> Iterator[str]:
    """An earlier version, in which a field has another name."""
    schema = ExecutableSchema(described_schema(EarlierQuery, Mutation))
    monkeypatch.setitem(schema_versions.VERSIONS, "2026-01-01", schema)
    return "2026-01-01"


def _ask(caller, query, version=None):
    return caller.post(query, **({} if version is None else {schema_versions.HEADER: version}))


@pytest.mark.usefixtures("earlier")
def test_a_request_without_a_version_is_executed_by_the_newest(shop):
    response = _ask(shop, "{ me { name } }")

    assert response.json()["data"] == {"me": {"name": "Shop"}}
    assert response.headers[schema_versions.HEADER] == NEWEST


def test_one_document_is_answered_by_each_version_as_that_promises(shop, earlier):
    for _ in range(2):  # also where the document is known
        old, new = _ask(shop, "{ me { title } }", earlier), _ask(shop, "{ me { title } }", NEWEST)

        assert old.json()["data"] == {"me": {"title": "Shop"}}
        assert old.headers[schema_versions.HEADER] == earlier
        assert "Cannot query field 'title'" in new.json()["errors"][0]["message"]
    assert _ask(shop, "{ me { name } }", earlier).json()["errors"][0]["extensions"]["code"] == "INVALID_REQUEST"


def test_an_unknown_version_is_refused_with_those_that_are_known(shop, earlier):
    response = _ask(shop, "{ me { name } }", "2025-12-31")

    (error,) = response.json()["errors"]
    assert (response.status_code, error["extensions"]["code"]) == (400, "UNKNOWN_VERSION")
    assert error["message"] == f"'2025-12-31' is no version of the schema; name one of: {earlier}, {NEWEST}"
