"""Privacy: personal data, erasure, legal holds, vault keys."""
