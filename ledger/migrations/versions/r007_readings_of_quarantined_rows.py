"""A reading of personal data may be of a row in quarantine."""

from alembic import op

revision = "r007"
down_revision = "r006"


def upgrade() -> None:
    op.execute("ALTER TABLE personal_readings DROP CONSTRAINT personal_readings_subject_check")
    op.execute("""
        ALTER TABLE personal_readings ADD CONSTRAINT personal_readings_subject_check
            CHECK (subject IN ('customer', 'transfer', 'quarantined_row'))
    """)
