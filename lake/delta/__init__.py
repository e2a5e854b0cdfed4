"""Delta tables: the commit log, files, compaction and maintenance."""
