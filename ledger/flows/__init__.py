"""Use cases that compose several contexts: one verb-named function each."""
