"""Insights: released histograms, smoothed values, intervals of totals before clipping, and where limits came from."""

from typing import Final

from alembic import op

revision = "r027"
down_revision = "r026"

_COLUMNS: Final = {
    "insight_cells": {"smoothed": "BIGINT", "total_low_95": "BIGINT", "total_high_95": "BIGINT"},
    "insight_releases": {"spec_hash": "BYTEA", "limit_months": "BIGINT"},
}


def upgrade() -> None:
    op.execute("""
        CREATE TABLE insight_buckets (
            book_id INTEGER NOT NULL,
            seq BIGINT NOT NULL,
            recorded_at TIMESTAMP WITH TIME ZONE NOT NULL,
            release_id UUID NOT NULL,
            at_least BIGINT NOT NULL,
            value BIGINT,
            CONSTRAINT insight_buckets_pkey PRIMARY KEY (book_id, seq),
            CONSTRAINT insight_buckets_book_id_release_id_fkey FOREIGN KEY (book_id, release_id)
                REFERENCES insight_releases (book_id, release_id),
            CONSTRAINT insight_buckets_book_id_release_id_at_least_key UNIQUE (book_id, release_id, at_least)
        )
    """)
    for table, columns in _COLUMNS.items():
        for name, kind in columns.items():
            op.execute(f"ALTER TABLE {table} ADD COLUMN {name} {kind}")
