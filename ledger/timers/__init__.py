"""Timers: deadlines declared by each context, and one sweeper that ends the rows that are due."""
