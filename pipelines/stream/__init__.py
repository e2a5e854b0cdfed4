"""The stream: moves every fact of the journal into the lake, in order and exactly once, and audits the result."""
