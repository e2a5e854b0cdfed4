"""The vault: personal values as sealed text, a key per subject, and forgetting a subject by its key."""
