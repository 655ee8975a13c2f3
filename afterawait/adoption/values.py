"""Values for variables that the application cannot be imported without: made up, of the right type. Driver process."""

from __future__ import annotations

import re
from collections.abc import Mapping

from afterawait.adoption.variable import Variable

FOR_TESTS = "b25seS1mb3ItdGVzdHMtYW5kLWtub3duLXRvLWFsbCE="
"""32 bytes in base64: as long as secrets must be, and a key of Fernet. It reads "only-for-tests-and-known-to-all!"."""
SHORT = "Only-for-tests-1"
PASSWORDS = {"PASSWORD", "PASSWD", "PASS"}
SECRETS = {"SECRET", "KEY", "TOKEN", "SALT", "PEPPER", *PASSWORDS}
LOCAL = re.compile(r"localhost|127\.0\.0\.1|^[^:/@]*$")

WITH_PASSWORD = re.compile(r"://[^/@]*:[^/@]+@")

BY_KIND = (
    (r"\bbool\b", "false"),
    (r"\bEmailStr\b", "tests@example.com"),
    (r"\bRedisDsn\b", "redis://localhost:6379/0"),
    (r"\bAmqpDsn\b", "amqp://guest:guest@localhost:5672//"),
    (r"\bMongoDsn\b", "mongodb://localhost:27017"),
    (r"Url\b|Dsn\b", "http://localhost"),
    (r"^(list|List|set|Set|tuple|Tuple|Sequence)\b", "[]"),
    (r"^(dict|Dict|Mapping)\b", "{}"),
    (r"\bUUID\b", "00000000-0000-0000-0000-000000000000"),
    (r"\bPath\b", "."),
)
BY_NAME = (
    ({"REDIS"}, "redis://localhost:6379/0"),
    ({"EMAIL", "MAIL"}, "tests@example.com"),
    ({"BROKER", "AMQP", "RABBITMQ"}, "amqp://guest:guest@localhost:5672//"),
    ({"URL", "URI", "ENDPOINT", "ORIGIN"}, "http://localhost"),
    ({"ALGORITHM"}, "HS256"),
    ({"HOST", "HOSTNAME"}, "localhost"),
)
PORTS = {"REDIS": "6379", "RABBITMQ": "5672", "SMTP": "25"}
LITERAL = re.compile(r"Literal\[\s*['\"]?([^'\",\]]+)")


def value(variable: Variable, examples: Mapping[str, str], enums: Mapping[str, str]) -> str:
    """What to give it; of its example only what is no secret and points nowhere else than here."""
    kind = variable.kind.removeprefix("Annotated[").removeprefix("Optional[").strip()
    words = set(variable.words)
    chosen = LITERAL.search(kind)
    if chosen or kind in enums:
        return chosen[1] if chosen else enums[kind]
    example = examples.get(variable.name, "")
    numeric = bool(re.match(r"(int|float|Decimal|PositiveInt|NonNegativeInt)\b", kind))
    secret = bool(words & SECRETS) or "Secret" in kind
    if example and not secret and _fits(example, kind, numeric=numeric):
        return example
    if numeric:
        port = next((PORTS[each] for each in words & PORTS.keys()), "8000") if "PORT" in words else "1"
        return str(max(int(port), int(variable.least) + 1)) if isinstance(variable.least, int | float) else port
    if secret and not re.search(r"Path\b", kind):
        return SHORT if words & PASSWORDS else FOR_TESTS
    by_kind = [made_up for pattern, made_up in BY_KIND if re.search(pattern, kind)]
    by_name = [made_up for each in ({variable.words[-1]}, words) for names, made_up in BY_NAME if each & names]
    return [*by_kind, *by_name, "for-tests"][0]


def _fits(example: str, kind: str, *, numeric: bool) -> bool:
    if numeric:
        return re.fullmatch(r"-?\d+(\.\d+)?", example) is not None
    if "bool" in kind:
        return example.lower() in {"true", "false", "0", "1", "yes", "no", "on", "off"}
    if re.search(r"[<>]|\$\{|\byour[-_]|change", example, re.IGNORECASE):
        return False
    if WITH_PASSWORD.search(example) and not LOCAL.search(example):
        return False
    return LOCAL.search(example) is not None or "." not in example
