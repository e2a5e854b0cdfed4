"""The stream: moves every fact of the journal into the lake, in order, exactly once, and audits that it did."""
