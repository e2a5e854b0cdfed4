"""The pipelines: journal into lake, lake into marts and released insights, history into the journal."""
