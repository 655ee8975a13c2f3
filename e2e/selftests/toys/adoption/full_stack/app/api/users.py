"""Users."""

from fastapi import APIRouter
from sqlmodel import select

from app.api.deps import SessionDep
from app.models import User

router = APIRouter(prefix="/users", tags=["users"])


@router.get("/")
def read_users(session: SessionDep, skip: int = 0, limit: int = 100) -> list[User]:
    return session.exec(select(User).offset(skip).limit(limit)).all()


@router.get("/{email}")
def read_user(email: str, session: SessionDep) -> User:
    return session.exec(select(User).where(User.email == email)).one()
