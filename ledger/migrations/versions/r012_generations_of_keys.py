"""Keys and tokens of subjects are wrapped under generations of a key; what stands is generation 0, the vault key."""

from alembic import op

revision = "r012"
down_revision = "r011"


def upgrade() -> None:
    for table in ("subject_keys", "subject_names"):
        op.execute(f"ALTER TABLE {table} ADD COLUMN generation BIGINT NOT NULL DEFAULT 0")
        op.execute(f"ALTER TABLE {table} ALTER COLUMN generation DROP DEFAULT")
    op.execute("CREATE INDEX subject_keys_forgotten_idx ON subject_keys (generation) WHERE wrapped_key IS NULL")
    op.execute("""
        CREATE TABLE key_generations (
            book_id INTEGER NOT NULL,
            generation BIGINT NOT NULL,
            keyring_id UUID NOT NULL,
            key_hash BYTEA NOT NULL,
            begun_at TIMESTAMP WITH TIME ZONE NOT NULL,
            retired_at TIMESTAMP WITH TIME ZONE,
            destroyed_at TIMESTAMP WITH TIME ZONE,
            CONSTRAINT key_generations_pkey PRIMARY KEY (book_id, generation),
            CONSTRAINT key_generations_destroyed_check CHECK (destroyed_at IS NULL OR retired_at IS NOT NULL)
        )
    """)
    op.execute(
        "CREATE UNIQUE INDEX key_generations_newest_key ON key_generations ((retired_at IS NULL)) "
        "WHERE retired_at IS NULL"
    )
    op.execute("""
        INSERT INTO key_generations (book_id, generation, keyring_id, key_hash, begun_at)
        SELECT 0, 0, gen_random_uuid(), '', min(made_at) FROM subject_keys HAVING count(*) > 0
    """)
