"""The journal: every fact at its position, chained by hashes, read by position, and provable."""
