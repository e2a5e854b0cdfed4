"""How far consumers of the journal came; endpoints, calls to them, and those that are still to be made."""

from alembic import op

revision = "r018"
down_revision = "r017"


def upgrade() -> None:
    _follow()
    _register()
    _intend()
    _wait()


def _follow() -> None:
    op.execute("""
        CREATE TABLE consumer_positions (
            book_id INTEGER NOT NULL,
            name TEXT NOT NULL,
            seq BIGINT NOT NULL,
            moved_at TIMESTAMP WITH TIME ZONE NOT NULL,
            CONSTRAINT consumer_positions_pkey PRIMARY KEY (book_id, name),
            CONSTRAINT consumer_positions_book_id_fkey FOREIGN KEY (book_id) REFERENCES books (book_id),
            CONSTRAINT consumer_positions_seq_check CHECK (seq >= 0)
        ) WITH (fillfactor = 10)
    """)


def _register() -> None:
    op.execute("""
        CREATE TABLE endpoints (
            book_id INTEGER NOT NULL,
            seq BIGINT NOT NULL,
            recorded_at TIMESTAMP WITH TIME ZONE NOT NULL,
            endpoint_id UUID NOT NULL,
            partner_id UUID NOT NULL,
            address TEXT NOT NULL,
            is_active BOOLEAN NOT NULL,
            actor TEXT NOT NULL,
            reason TEXT NOT NULL,
            CONSTRAINT endpoints_pkey PRIMARY KEY (book_id, seq)
        )
    """)
    op.execute("CREATE INDEX endpoints_book_id_endpoint_id_seq_idx ON endpoints (book_id, endpoint_id, seq)")
    op.execute("CREATE INDEX endpoints_book_id_partner_id_seq_idx ON endpoints (book_id, partner_id, seq)")


def _intend() -> None:
    op.execute("""
        CREATE TABLE outbound_calls (
            book_id INTEGER NOT NULL,
            seq BIGINT NOT NULL,
            recorded_at TIMESTAMP WITH TIME ZONE NOT NULL,
            call_id UUID NOT NULL,
            partner_id UUID NOT NULL,
            endpoint_id UUID NOT NULL,
            topic TEXT NOT NULL,
            about_seq BIGINT NOT NULL,
            state TEXT NOT NULL,
            attempt INTEGER NOT NULL,
            begun_at TIMESTAMP WITH TIME ZONE NOT NULL,
            due_at TIMESTAMP WITH TIME ZONE,
            status BIGINT,
            fault TEXT,
            actor TEXT NOT NULL,
            reason TEXT NOT NULL,
            CONSTRAINT outbound_calls_pkey PRIMARY KEY (book_id, seq),
            CONSTRAINT outbound_calls_due_check CHECK ((state = 'waiting') = (due_at IS NOT NULL)),
            CONSTRAINT outbound_calls_state_check CHECK (state IN ('waiting', 'delivered', 'given_up')),
            CONSTRAINT outbound_calls_fault_check CHECK
                (fault IN ('unreachable', 'timeout', 'refused', 'wrong_receipt', 'endpoint_retired'))
        )
    """)
    op.execute("CREATE INDEX outbound_calls_book_id_call_id_seq_idx ON outbound_calls (book_id, call_id, seq)")


def _wait() -> None:
    op.execute("""
        CREATE TABLE waiting_calls (
            book_id INTEGER NOT NULL,
            call_id UUID NOT NULL,
            partner_id UUID NOT NULL,
            endpoint_id UUID NOT NULL,
            topic TEXT NOT NULL,
            about_seq BIGINT NOT NULL,
            seq BIGINT NOT NULL,
            attempt INTEGER NOT NULL,
            begun_at TIMESTAMP WITH TIME ZONE NOT NULL,
            due_at TIMESTAMP WITH TIME ZONE NOT NULL,
            claimed_until_at TIMESTAMP WITH TIME ZONE,
            CONSTRAINT waiting_calls_pkey PRIMARY KEY (book_id, call_id)
        )
    """)
    op.execute("CREATE INDEX waiting_calls_book_id_due_at_call_id_idx ON waiting_calls (book_id, due_at, call_id)")
