"""The public GraphQL schema: one module per noun, joined in `schema`."""
