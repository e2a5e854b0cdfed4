"""Privacy budget and released insights."""

from alembic import op

revision = "0002"
down_revision = "0001"

_SCHEMA = """
CREATE TABLE budget_charges (
    book_id BIGINT NOT NULL,
    seq BIGINT NOT NULL,
    recorded_at TIMESTAMP WITH TIME ZONE NOT NULL,
    charge_id UUID NOT NULL,
    metric TEXT NOT NULL,
    month DATE NOT NULL,
    spec_hash BYTEA NOT NULL,
    rho_micro BIGINT NOT NULL,
    actor TEXT NOT NULL,
    CONSTRAINT budget_charges_pkey PRIMARY KEY (book_id, seq),
    CONSTRAINT budget_charges_book_id_charge_id_key UNIQUE (book_id, charge_id),
    CONSTRAINT budget_charges_book_id_metric_month_key UNIQUE (book_id, metric, month),
    CONSTRAINT budget_charges_rho_check CHECK (rho_micro > 0)
);

CREATE TABLE insight_releases (
    book_id BIGINT NOT NULL,
    seq BIGINT NOT NULL,
    recorded_at TIMESTAMP WITH TIME ZONE NOT NULL,
    release_id UUID NOT NULL,
    charge_id UUID NOT NULL,
    metric TEXT NOT NULL,
    month DATE NOT NULL,
    unit TEXT NOT NULL,
    as_of_seq BIGINT NOT NULL,
    contribution_limit BIGINT NOT NULL,
    noise_scale_micro BIGINT NOT NULL,
    rho_micro BIGINT NOT NULL,
    CONSTRAINT insight_releases_pkey PRIMARY KEY (book_id, seq),
    CONSTRAINT insight_releases_book_id_charge_id_fkey FOREIGN KEY (book_id, charge_id)
        REFERENCES budget_charges (book_id, charge_id),
    CONSTRAINT insight_releases_book_id_release_id_key UNIQUE (book_id, release_id),
    CONSTRAINT insight_releases_book_id_metric_month_key UNIQUE (book_id, metric, month)
);

CREATE TABLE insight_cells (
    book_id BIGINT NOT NULL,
    seq BIGINT NOT NULL,
    recorded_at TIMESTAMP WITH TIME ZONE NOT NULL,
    release_id UUID NOT NULL,
    vertical TEXT NOT NULL,
    value BIGINT,
    margin_95 BIGINT,
    CONSTRAINT insight_cells_pkey PRIMARY KEY (book_id, seq),
    CONSTRAINT insight_cells_book_id_release_id_fkey FOREIGN KEY (book_id, release_id)
        REFERENCES insight_releases (book_id, release_id),
    CONSTRAINT insight_cells_book_id_release_id_vertical_key UNIQUE (book_id, release_id, vertical),
    CONSTRAINT insight_cells_vertical_check
        CHECK (vertical IN ('retail', 'mobility', 'hospitality', 'software', 'banking'))
);
"""


def upgrade() -> None:
    op.execute(_SCHEMA)
