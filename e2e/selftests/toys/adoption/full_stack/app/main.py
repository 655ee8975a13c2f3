"""The application."""

from fastapi import FastAPI
from starlette.middleware.cors import CORSMiddleware

from app.api import users
from app.core.config import settings

app = FastAPI(title=settings.PROJECT_NAME, openapi_url=f"{settings.API_V1_STR}/openapi.json")
if settings.BACKEND_CORS_ORIGINS:
    app.add_middleware(CORSMiddleware, allow_origins=settings.BACKEND_CORS_ORIGINS)
app.include_router(users.router, prefix=settings.API_V1_STR)
