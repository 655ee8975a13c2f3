"""Counts who calls: in Redis, where it answers."""

from fastapi import FastAPI
from pydantic_settings import BaseSettings
from redis.asyncio import Redis
from redis.exceptions import RedisError


class Settings(BaseSettings):
    redis_host: str
    redis_port: int = 6379
    redis_db: int = 0


settings = Settings()
redis = Redis(host=settings.redis_host, port=settings.redis_port, db=settings.redis_db)
app = FastAPI()


@app.get("/hits")
async def hits() -> int:
    try:
        return await redis.incr("hits")
    except RedisError:
        return 0
