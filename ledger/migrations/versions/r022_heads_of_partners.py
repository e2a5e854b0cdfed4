"""The heads of partners, by which their tokens count; those of existing books follow from their journals."""

from alembic import op

revision = "r022"
down_revision = "r021"

FILL = """
    INSERT INTO partner_heads (book_id, partner_id, seq, ordinal)
    WITH own AS (
        SELECT t.book_id, p.partner_id, t.seq FROM transfers t
        JOIN partners p ON p.book_id = t.book_id AND p.partner_no = t.partner_no
        UNION
        SELECT t.book_id, a.partner_id, t.seq FROM transfers t
        JOIN accounts a ON a.book_id = t.book_id AND a.account_no IN (t.debit_account_no, t.credit_account_no)
        UNION ALL SELECT book_id, partner_id, seq FROM account_terms
        UNION ALL SELECT book_id, partner_id, seq FROM accounts
        UNION ALL SELECT book_id, partner_id, seq FROM api_key_grants
        UNION ALL SELECT book_id, partner_id, seq FROM customers
        UNION ALL SELECT book_id, partner_id, seq FROM endpoints
        UNION ALL SELECT book_id, partner_id, seq FROM forgettings
        UNION ALL SELECT book_id, partner_id, seq FROM legal_holds
        UNION ALL SELECT book_id, partner_id, seq FROM monitor_events
        UNION ALL SELECT book_id, partner_id, seq FROM monitors
        UNION ALL SELECT book_id, partner_id, seq FROM object_metadata
        UNION ALL SELECT book_id, partner_id, seq FROM outbound_calls
        UNION ALL SELECT book_id, partner_id, seq FROM partners
        UNION ALL SELECT book_id, partner_id, seq FROM personal_readings
        UNION ALL SELECT book_id, partner_id, seq FROM posting_templates
        UNION ALL SELECT book_id, partner_id, seq FROM refused_transfers
        UNION ALL SELECT book_id, partner_id, seq FROM request_answers
    ), counted AS (
        SELECT book_id, partner_id, seq,
               row_number() OVER (PARTITION BY book_id, partner_id ORDER BY seq) AS ordinal
        FROM own
    )
    SELECT book_id, partner_id, max(seq), max(ordinal) FROM counted
    GROUP BY book_id, partner_id, seq - ordinal
"""
"""The heads of the partners of all books, from their facts."""


def upgrade() -> None:
    op.execute("""
        CREATE TABLE partner_heads (
            book_id INTEGER NOT NULL,
            partner_id UUID NOT NULL,
            seq BIGINT NOT NULL,
            ordinal BIGINT NOT NULL,
            CONSTRAINT partner_heads_pkey PRIMARY KEY (book_id, partner_id, seq),
            CONSTRAINT partner_heads_book_id_fkey FOREIGN KEY(book_id) REFERENCES books (book_id),
            CONSTRAINT partner_heads_ordinal_check CHECK (ordinal > 0),
            CONSTRAINT partner_heads_book_id_partner_id_ordinal_key UNIQUE (book_id, partner_id, ordinal)
        )
    """)
    op.execute(FILL)
