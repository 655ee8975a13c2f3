"""The tables."""

from sqlalchemy.orm import Mapped, mapped_column

from database import Base


class Hero(Base):
    __tablename__ = "heroes"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
