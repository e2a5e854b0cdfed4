"""Failures: the GraphQL errors of an operation that was refused or broke off."""

from collections.abc import Sequence

from graphql import GraphQLError

from api.execution.documents import DocumentRefused


def errors_of(fault: Exception) -> Sequence[GraphQLError]:
    """Return the errors of a document, or the one of any other fault, whose text is shown if it is a refusal's."""
    if isinstance(fault, DocumentRefused):
        return fault.errors
    return [GraphQLError(str(fault), original_error=fault)]
