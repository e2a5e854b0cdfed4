"""Lineage: from a row of a mart back to its facts, their commits and positions, and from a fact on to the rows."""
