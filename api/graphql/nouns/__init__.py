"""The nouns of the schema, one module each; the schema finds them here."""
