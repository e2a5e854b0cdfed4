"""Inter-book transfers in Dagster: carried on each hour, added up each night."""
