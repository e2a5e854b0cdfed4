"""API keys have a label, an expiry and addresses that they are accepted from, and name the key that they replace."""

from alembic import op

revision = "r019"
down_revision = "r018"


def upgrade() -> None:
    for table in ("api_key_grants", "api_keys"):
        op.execute(f"""
            ALTER TABLE {table}
                ADD COLUMN label TEXT,
                ADD COLUMN expires_at TIMESTAMP WITH TIME ZONE,
                ADD COLUMN addresses TEXT,
                ADD COLUMN replaces_id UUID
        """)
