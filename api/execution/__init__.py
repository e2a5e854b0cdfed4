"""GraphQL execution: a validated document becomes a plan once, and executing it is calls of closures."""
