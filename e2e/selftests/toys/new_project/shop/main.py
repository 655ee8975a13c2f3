"""Its price is asked of a database, through async SQLAlchemy; its opening hours of a plain function."""

from fastapi import FastAPI
from sqlalchemy import text
from sqlalchemy.ext.asyncio import create_async_engine

app = FastAPI()
engine = create_async_engine("sqlite+aiosqlite://")


@app.get("/price")
async def price(pieces: int) -> int:
    """What so many pieces cost."""
    async with engine.connect() as connection:
        found = await connection.execute(text("SELECT 7"))
        one: int = found.scalar_one()
    if pieces > 1:
        one -= 1
    return one * pieces


@app.get("/hours")
def hours() -> str:
    """When it is open."""
    opens = 9
    return f"{opens} to {opens + 8}"
