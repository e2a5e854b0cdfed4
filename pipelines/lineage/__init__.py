"""Lineage: traces a row of a mart back to its facts, commits and positions, and a fact forward to the rows."""
