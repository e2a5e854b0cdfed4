"""Bronze: the ledger's facts, appended exactly once, and the watermark that says how far they are complete."""
