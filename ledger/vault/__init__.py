"""The vault: seals personal values under one key per subject, and forgets a subject by destroying its key."""
