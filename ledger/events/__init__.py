"""The journal: facts in one dense order per book, sealed batch by batch, and the feed that reads them."""
