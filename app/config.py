"""The settings, read once from the environment when the server process (or `app.schema`) starts."""

import re
from typing import Annotated

from pydantic import AfterValidator, BeforeValidator, Field, SecretStr, ValidationError
from pydantic_core import PydanticCustomError
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

SHORTEST_SECRET = 32
# An SQLite in memory would be another one for each connection.
DATABASES = re.compile(r"postgresql\+asyncpg://.|sqlite\+aiosqlite:///(?!:memory:).")


def _long_enough(secret: SecretStr) -> SecretStr:
    if len(secret.get_secret_value()) < SHORTEST_SECRET:
        raise PydanticCustomError("short", "must have at least {n} characters", {"n": SHORTEST_SECRET})
    return secret


def _known_database(secret: SecretStr) -> SecretStr:
    if not DATABASES.match(secret.get_secret_value()):
        raise PydanticCustomError(
            "database",
            "must be postgresql+asyncpg://USER:PASSWORD@HOST/DATABASE or sqlite+aiosqlite:///FILE",
        )
    return secret


def _split(text: str) -> list[str]:
    return [origin.strip() for origin in text.split(",") if origin.strip()]


class Settings(BaseSettings):
    """Every setting is an environment variable: `CONDUIT_` and the name, but for DATABASE_URL."""

    model_config = SettingsConfigDict(env_prefix="CONDUIT_", hide_input_in_errors=True)

    database_url: Annotated[SecretStr, AfterValidator(_known_database)] = Field(validation_alias="DATABASE_URL")
    """The only one that is not ours to name. May hold a password, so it is never shown."""
    secret_key: Annotated[SecretStr, AfterValidator(_long_enough)]
    """Signs the tokens; whoever knows it is everybody."""
    token_lifetime: int = Field(default=60 * 24 * 3600, gt=0)
    """Seconds until a token expires."""
    argon2_time_cost: int = Field(default=3, ge=1)
    argon2_memory_cost: int = Field(default=64 * 1024, ge=8)
    """In KiB, for each password that is being hashed."""
    argon2_parallelism: int = Field(default=4, ge=1)
    cors_origins: Annotated[list[str], NoDecode, BeforeValidator(_split)] = Field(default="", validate_default=True)
    """Origins whose pages may call the API, separated by commas; `*` for all."""
    stream_heartbeat: float = Field(default=15, gt=0)
    """Seconds of silence after which the stream of articles says that it is still there."""
    pool_size: int = Field(default=10, ge=1)
    """Database connections of each worker process, not counting the one that listens for articles."""


def load_settings() -> Settings:
    """The settings, or the end of the process with one sentence that says what is wrong with them."""
    try:
        return Settings.model_validate({})
    except ValidationError as error:
        wrong = "; ".join(f"{_variable(str(item['loc'][0]))}: {item['msg']}" for item in error.errors())
        raise SystemExit(f"Conduit cannot start, the environment is wrong: {wrong}.") from None


def _variable(name: str) -> str:
    prefix = "CONDUIT_"
    return name if name.isupper() else f"{prefix}{name.upper()}"
