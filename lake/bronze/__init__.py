"""Bronze: the ledger's facts, appended exactly once, and the watermark up to which they are complete."""
