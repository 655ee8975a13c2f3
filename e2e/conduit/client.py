"""One caller of the Conduit API, a method an operation; runs in the test process."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import quote

import httpx

JSON = Any
"""A decoded body: checked against the specification, never parsed by the application's models."""

Fields = dict[str, Any]
"""What goes into, or came out of, an envelope such as `{"article": ...}`."""


class Conduit:
    """A caller without a token is anonymous; every method returns the response as it came."""

    def __init__(self, http: httpx.Client, token: str | None = None) -> None:
        self.http = http
        self.token = token

    def send(self, method: str, path: str, *, headers: dict[str, str] | None = None, **rest: Any) -> httpx.Response:
        """Any request at all, signed with the caller's token if there is one."""
        return self.http.request(method, path, headers=self._signed(headers), **rest)

    def say(self, method: str, path: str, body: JSON) -> httpx.Response:
        """A request with a JSON body, escaped to ASCII so that even a lone surrogate gets through."""
        headers = {"Content-Type": "application/json"}
        return self.send(method, path, content=json.dumps(body).encode(), headers=headers)

    @contextmanager
    def streaming(self, method: str, path: str, *, headers: dict[str, str] | None = None) -> Iterator[httpx.Response]:
        """Like `send`, with the body still to be read; leaving the block hangs up."""
        with self.http.stream(method, path, headers=self._signed(headers)) as response:
            yield response

    def _signed(self, headers: dict[str, str] | None) -> dict[str, str]:
        signature = {"Authorization": f"Token {self.token}"} if self.token is not None else {}
        return signature | (headers or {})

    # Users

    def register(self, user: Fields) -> httpx.Response:
        """POST /api/users."""
        return self.say("POST", "/api/users", {"user": user})

    def log_in(self, user: Fields) -> httpx.Response:
        """POST /api/users/login."""
        return self.say("POST", "/api/users/login", {"user": user})

    def current_user(self) -> httpx.Response:
        """GET /api/user."""
        return self.send("GET", "/api/user")

    def update_user(self, **changes: JSON) -> httpx.Response:
        """PUT /api/user with these fields alone."""
        return self.say("PUT", "/api/user", {"user": changes})

    # Profiles

    def profile(self, username: str) -> httpx.Response:
        """GET /api/profiles/{username}."""
        return self.send("GET", f"/api/profiles/{_segment(username)}")

    def follow(self, username: str) -> httpx.Response:
        """POST /api/profiles/{username}/follow."""
        return self.send("POST", f"/api/profiles/{_segment(username)}/follow")

    def unfollow(self, username: str) -> httpx.Response:
        """DELETE /api/profiles/{username}/follow."""
        return self.send("DELETE", f"/api/profiles/{_segment(username)}/follow")

    # Articles

    def articles(self, **filters: str | int) -> httpx.Response:
        """GET /api/articles?tag=&author=&favorited=&limit=&offset=."""
        return self.send("GET", "/api/articles", params=filters)

    def feed(self, **paging: str | int) -> httpx.Response:
        """GET /api/articles/feed?limit=&offset=."""
        return self.send("GET", "/api/articles/feed", params=paging)

    def publish(self, article: Fields) -> httpx.Response:
        """POST /api/articles."""
        return self.say("POST", "/api/articles", {"article": article})

    def article(self, slug: str) -> httpx.Response:
        """GET /api/articles/{slug}."""
        return self.send("GET", f"/api/articles/{_segment(slug)}")

    def edit(self, slug: str, **changes: JSON) -> httpx.Response:
        """PUT /api/articles/{slug} with these fields alone."""
        return self.say("PUT", f"/api/articles/{_segment(slug)}", {"article": changes})

    def delete(self, slug: str) -> httpx.Response:
        """DELETE /api/articles/{slug}."""
        return self.send("DELETE", f"/api/articles/{_segment(slug)}")

    def favorite(self, slug: str) -> httpx.Response:
        """POST /api/articles/{slug}/favorite."""
        return self.send("POST", f"/api/articles/{_segment(slug)}/favorite")

    def unfavorite(self, slug: str) -> httpx.Response:
        """DELETE /api/articles/{slug}/favorite."""
        return self.send("DELETE", f"/api/articles/{_segment(slug)}/favorite")

    # Comments and tags

    def comments(self, slug: str) -> httpx.Response:
        """GET /api/articles/{slug}/comments."""
        return self.send("GET", f"/api/articles/{_segment(slug)}/comments")

    def comment(self, slug: str, body: JSON) -> httpx.Response:
        """POST /api/articles/{slug}/comments."""
        path = f"/api/articles/{_segment(slug)}/comments"
        return self.say("POST", path, {"comment": {"body": body}})

    def delete_comment(self, slug: str, comment_id: int) -> httpx.Response:
        """DELETE /api/articles/{slug}/comments/{id}."""
        return self.send("DELETE", f"/api/articles/{_segment(slug)}/comments/{comment_id}")

    def tags(self) -> httpx.Response:
        """GET /api/tags."""
        return self.send("GET", "/api/tags")

    # Beyond the specification

    def home(self) -> httpx.Response:
        """GET /, which answers once the database has."""
        return self.send("GET", "/")

    def export(self) -> httpx.Response:
        """GET /api/user/export, read to its end."""
        return self.send("GET", "/api/user/export")

    def import_articles(self, upload: bytes, *, field: str = "file") -> httpx.Response:
        """POST /api/user/import, a multipart form with one file."""
        file = ("articles.ndjson", upload, "application/x-ndjson")
        return self.send("POST", "/api/user/import", files={field: file})

    def notifications(self, **paging: str | int) -> httpx.Response:
        """GET /api/user/notifications?limit=&offset=."""
        return self.send("GET", "/api/user/notifications", params=paging)

    def atom(self, *, headers: dict[str, str] | None = None, **filters: str) -> httpx.Response:
        """GET /api/articles.atom?tag=."""
        return self.send("GET", "/api/articles.atom", params=filters, headers=headers)


def _segment(text: str) -> str:
    return quote(text, safe="")
