"""References of customers' accounts stand as sealed text; what earlier versions wrote in clear stays as it is."""

import sqlalchemy as sa
from alembic import op

revision = "r017"
down_revision = "r016"


def upgrade() -> None:
    """Facts that stand cannot be sealed any more: where some are in clear, the check is of new ones only."""
    op.execute("""
        ALTER TABLE accounts ADD CONSTRAINT accounts_external_ref_sealed_check
            CHECK (customer_id IS NULL OR starts_with(external_ref, 's1.')) NOT VALID
    """)
    clear = (
        "SELECT EXISTS (SELECT FROM accounts WHERE customer_id IS NOT NULL AND NOT starts_with(external_ref, 's1.'))"
    )
    if not op.get_bind().execute(sa.text(clear)).scalar_one():
        op.execute("ALTER TABLE accounts VALIDATE CONSTRAINT accounts_external_ref_sealed_check")
    op.execute("ALTER TABLE personal_readings DROP CONSTRAINT personal_readings_subject_check")
    op.execute("""
        ALTER TABLE personal_readings ADD CONSTRAINT personal_readings_subject_check
            CHECK (subject IN ('customer', 'account', 'transfer', 'quarantined_row'))
    """)
