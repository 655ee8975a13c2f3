"""The unit tests' fixtures."""

import pytest
from sqlmodel import Session, delete

from app.core.db import engine, init_db
from app.models import User


@pytest.fixture(scope="session", autouse=True)
def db():
    with Session(engine) as session:
        init_db(session)
        yield session
        session.execute(delete(User))
        session.commit()
