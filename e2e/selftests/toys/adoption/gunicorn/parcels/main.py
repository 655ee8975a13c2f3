"""Parcels and their depots."""

import os

from fastapi import FastAPI


def create_app() -> FastAPI:
    app = FastAPI(title="Parcels")
    depot = os.environ.get("DEPOT", "south")  # gunicorn's configuration sets it

    @app.get("/depot")
    async def named() -> str:
        return depot

    @app.get("/parcels")
    async def listed() -> list[str]:
        return []

    return app
