"""The documentation for partner developers, served at `/docs`: guides, examples, the reference, errors and changes."""
