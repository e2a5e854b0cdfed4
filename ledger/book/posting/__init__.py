"""Posting: writes judged batches to the journal, one writer per book at a time."""
