"""The migrations run."""

from alembic import context
from sqlalchemy import create_engine, pool

from app.core.config import settings
from app.models import SQLModel

engine = create_engine(str(settings.SQLALCHEMY_DATABASE_URI), poolclass=pool.NullPool)
with engine.connect() as connection:
    context.configure(connection=connection, target_metadata=SQLModel.metadata)
    with context.begin_transaction():
        context.run_migrations()
