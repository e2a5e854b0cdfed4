"""The foundation under every context: money, ids, clock, errors, records, SQL, units of work; free of any domain."""
