"""The ASGI application: what it is made of, and what lives as long as the server process."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial

from fastapi import APIRouter, FastAPI
from fastapi.middleware.cors import CORSMiddleware

from app import errors, home, openapi
from app.articles.router import router as articles
from app.atom.router import router as atom
from app.comments.router import router as comments
from app.config import load_settings
from app.database import Database
from app.favorites.router import router as favorites
from app.methods import HeadAsGet
from app.notifications.router import router as notifications
from app.profiles.router import router as profiles
from app.security import Passwords, Tokens
from app.stream.listener import listening
from app.stream.router import router as stream
from app.tags.router import router as tags
from app.transfer.router import router as transfer
from app.users.router import router as users

DESCRIPTION = """
The [RealWorld](https://docs.realworld.show) project's Conduit API, and a little more: export, import,
a stream of events, an Atom feed and notifications.

Every refusal has one shape, `{"errors": {"key": ["message"]}}`. Authentication is checked before anything
else. Every `GET` may also be a `HEAD`. A method that a path does not have is 405 with `Allow`; a path that
nothing serves is 404.
"""


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    settings = app.state.settings
    app.state.database = Database(settings)
    app.state.passwords = Passwords(settings)
    app.state.tokens = Tokens(settings)
    try:
        async with listening(app.state.database) as bell:
            app.state.bell = bell
            yield
    finally:
        await app.state.database.engine.dispose()


def create_app() -> FastAPI:
    """The application, as the environment configures it."""
    settings = load_settings()
    app = FastAPI(
        title="Conduit",
        version="1.0.0",
        summary="A place to publish articles and to talk about them.",
        description=DESCRIPTION,
        default_response_class=errors.Json,
        lifespan=_lifespan,
        redirect_slashes=False,
        redoc_url=None,
    )
    app.state.settings = settings
    app.openapi = partial(openapi.document, app)  # type: ignore[method-assign]
    api = APIRouter(prefix="/api")
    # Before the articles, one of which might otherwise be called "stream".
    for router in (stream, articles, favorites, comments, tags, profiles, users, notifications, transfer, atom):
        api.include_router(router)
    app.include_router(home.router)
    app.include_router(api)
    errors.install(app)
    app.add_middleware(HeadAsGet)
    app.add_middleware(
        CORSMiddleware,
        allow_origins=settings.cors_origins,
        allow_methods=["GET", "POST", "PUT", "DELETE"],
        allow_headers=["Authorization", "Content-Type", "If-None-Match", "Last-Event-ID"],
        expose_headers=["ETag"],
        max_age=3600,
    )
    return app


app = create_app()
