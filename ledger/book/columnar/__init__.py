"""The columnar posting path: judges, writes and hashes a batch of plain transfers by columns."""
