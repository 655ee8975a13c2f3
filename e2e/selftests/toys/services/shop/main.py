"""The shop: it asks the stock, and leaves what takes longer to the worker."""

import json
import os
from contextlib import asynccontextmanager

import httpx
from starlette.applications import Starlette
from starlette.responses import JSONResponse
from starlette.routing import Route

from shop import redis
from shop.steps import walk


@asynccontextmanager
async def lifespan(app):
    async with httpx.AsyncClient(base_url=os.environ["STOCK_URL"], timeout=60) as app.state.stock:
        yield


async def order(request):
    number = request.path_params["number"]
    await walk(number)
    left = (await request.app.state.stock.get(f"/left/{number}")).json()
    job = {"number": number, "headers": {"baggage": request.headers.get("baggage", "")}}
    await redis.do("LPUSH", "jobs", json.dumps(job))
    return JSONResponse({"left": left})


async def delivered(request):
    return JSONResponse(await redis.get("GET", f"delivered {request.path_params['number']}"))


app = Starlette(
    lifespan=lifespan,
    routes=[
        Route("/orders/{number:int}", order, methods=["POST"]),
        Route("/delivered/{number:int}", delivered),
    ],
)
