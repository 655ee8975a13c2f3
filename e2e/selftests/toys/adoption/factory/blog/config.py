"""The settings."""

from functools import lru_cache

from pydantic_settings import BaseSettings, SettingsConfigDict


class Settings(BaseSettings):
    model_config = SettingsConfigDict(env_prefix="BLOG_", env_file=".env")

    title: str = "A blog"
    api_prefix: str = "/api/v1"
    debug: bool = False


@lru_cache
def get_settings():
    return Settings()
