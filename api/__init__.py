"""The HTTP API for partners: one GraphQL endpoint, bulk posting, the GraphiQL explorer, and a health check."""
