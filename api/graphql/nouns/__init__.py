"""The nouns of the schema, one module each, collected by `api.graphql.schema`."""
