"""Inter-book transfers: the legs of each, and the transit accounts that they pass through."""
