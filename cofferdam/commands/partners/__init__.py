"""Partners: API keys, endpoints, and calls to them."""
