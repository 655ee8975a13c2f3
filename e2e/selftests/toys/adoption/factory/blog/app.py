"""The application."""

from fastapi import FastAPI

from blog.api import router
from blog.config import Settings, get_settings


def create_app(settings: Settings | None = None) -> FastAPI:
    settings = settings or get_settings()
    application = FastAPI(title=settings.title, openapi_url=f"{settings.api_prefix}/openapi.json", docs_url=None)
    application.include_router(router, prefix=settings.api_prefix)
    return application
