"""The operations."""

import asyncio

from fastapi import FastAPI
from fastapi.responses import StreamingResponse

service = FastAPI()


@service.get("/metres")
def metres(feet: float = 1):
    return feet * 0.3048


@service.get("/ticks")
async def ticks():
    async def endless():
        while True:
            yield "data: tick\n\n"
            await asyncio.sleep(0.05)

    return StreamingResponse(endless(), media_type="text/event-stream")
