"""The nouns of the operators' schema: a module each, found by place."""
