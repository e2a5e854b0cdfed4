"""One frozen dataclass per stored noun: the single definition that tables, lake, dbt and dictionary derive from."""
