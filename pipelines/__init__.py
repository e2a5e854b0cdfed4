"""The pipelines: stream the journal into the lake, build marts and insights from it, and import history."""
