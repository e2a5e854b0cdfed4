"""Bank statements: what a bank says it booked on an account, read from the formats in which banks say it."""
