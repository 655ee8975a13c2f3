"""The settings."""

import os
from enum import StrEnum

from pydantic import BaseModel, Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

SIGNING_KEY = os.getenv("VAULT_SIGNING_KEY")
if not SIGNING_KEY:
    raise RuntimeError("VAULT_SIGNING_KEY is not set")


class Level(StrEnum):
    LOW = "low"
    HIGH = "high"


class Mail(BaseModel):
    host: str
    port: int = 25


class Settings(BaseSettings):
    model_config = SettingsConfigDict(env_prefix="VAULT_", env_nested_delimiter="__")

    api_key: SecretStr = Field(min_length=32)
    minutes: int = Field(ge=5)
    level: Level
    mail: Mail
    hosts: list[str]


settings = Settings()
MOST = int(os.environ["VAULT_MOST"])
