"""What a test may ask of a server of its own; types only, used in the test process."""

from typing import Protocol


class Server(Protocol):
    """One more measured server, stopped at the end of the test at the latest."""

    @property
    def url(self) -> str:
        """Where it is, without a trailing slash."""

    @property
    def database_url(self) -> str:
        """Its own database, as the server was told."""

    def log_text(self) -> str:
        """All that it has printed so far."""

    def stop(self) -> int:
        """Stop it gracefully, and return its exit code."""


class StartServer(Protocol):
    """Starts a server with settings and a database of its own."""

    def __call__(self, *, env: dict[str, str] | None = None, database: str = "default") -> Server:
        """The server, once it serves; raises if it does not."""
