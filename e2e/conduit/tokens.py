"""JSON Web Tokens taken apart and put together as RFC 7515 has it; runs in the test process."""

import base64
import hashlib
import hmac
import json

from e2e.conduit.client import JSON, Fields


def claims(token: str) -> Fields:
    """What a token says, whoever signed it."""
    payload = token.split(".")[1]
    said: Fields = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    return said


def signed(said: JSON, key: str, algorithm: str = "HS256") -> str:
    """A token saying that, signed with HMAC and SHA-256 whatever its header calls it."""
    header = {"alg": algorithm, "typ": "JWT"}
    content = ".".join(_encoded(json.dumps(part).encode()) for part in (header, said))
    return f"{content}.{_encoded(hmac.digest(key.encode(), content.encode(), hashlib.sha256))}"


def _encoded(part: bytes) -> str:
    return base64.urlsafe_b64encode(part).rstrip(b"=").decode()
