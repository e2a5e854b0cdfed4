"""Books count their accounting dates by a calendar and operate in a declared period; both are facts."""

from alembic import op

revision = "r014"
down_revision = "r013"


def upgrade() -> None:
    op.execute("""
        CREATE TABLE book_calendars (
            book_id INTEGER NOT NULL,
            seq BIGINT NOT NULL,
            recorded_at TIMESTAMP WITH TIME ZONE NOT NULL,
            from_on DATE NOT NULL,
            cut_off_minutes BIGINT NOT NULL,
            time_zone TEXT NOT NULL,
            actor TEXT NOT NULL,
            reason TEXT NOT NULL,
            CONSTRAINT book_calendars_pkey PRIMARY KEY (book_id, seq),
            CONSTRAINT book_calendars_book_id_fkey FOREIGN KEY (book_id) REFERENCES books (book_id),
            CONSTRAINT book_calendars_cut_off_check CHECK (cut_off_minutes BETWEEN 720 AND 2160)
        )
    """)
    op.execute("""
        CREATE TABLE operating_periods (
            book_id INTEGER NOT NULL,
            seq BIGINT NOT NULL,
            recorded_at TIMESTAMP WITH TIME ZONE NOT NULL,
            from_on DATE NOT NULL,
            actor TEXT NOT NULL,
            reason TEXT NOT NULL,
            until_on DATE,
            CONSTRAINT operating_periods_pkey PRIMARY KEY (book_id, seq),
            CONSTRAINT operating_periods_book_id_fkey FOREIGN KEY (book_id) REFERENCES books (book_id),
            CONSTRAINT operating_periods_order_check CHECK (until_on >= from_on)
        )
    """)
    op.execute("ALTER TABLE refused_transfers ADD COLUMN booked_on DATE")
    op.execute("CREATE INDEX customers_book_id_person_id_idx ON customers (book_id, person_id)")
