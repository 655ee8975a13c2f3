"""As tests do it that have no server: the application in the client's own process and event loop. Measured process."""

import asyncio

import guard
import httpx

from subject.main import app


async def main():
    async with app.router.lifespan_context(app):
        transport = httpx.ASGITransport(app=app)
        async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
            response = await client.get("/")
            assert response.json() == {"answer": 1}, response.text


asyncio.run(main())
