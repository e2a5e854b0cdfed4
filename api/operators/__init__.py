"""Operators over GraphQL: a schema, an endpoint and a sign-in of their own."""
