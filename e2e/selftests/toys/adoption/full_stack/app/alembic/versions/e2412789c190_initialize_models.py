"""E2412789c190 initialize models."""

import sqlalchemy as sa
from alembic import op

revision = "e2412789c190"
down_revision = None


def upgrade():
    op.create_table(
        "user",
        sa.Column("id", sa.Uuid(), primary_key=True),
        sa.Column("email", sa.String(255), nullable=False, unique=True),
    )
