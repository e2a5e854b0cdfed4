"""The reports, each declared in a module of its own; they are found by their place."""
