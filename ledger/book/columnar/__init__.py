"""The columnar posting path: a batch of plain transfers judged, written and hashed by columns."""
