"""Posting templates: declared, versioned postings that partners call by name with arguments."""
