"""The stock, a service of its own in a folder of its own."""

from starlette.applications import Starlette
from starlette.responses import JSONResponse
from starlette.routing import Route

from stock.steps import walk

ready = []


async def health(request):
    ready.append(len(ready))
    return JSONResponse("well", status_code=503 if len(ready) < 2 else 200)


async def left(request):
    await walk(request.path_params["number"])
    return JSONResponse(100 - request.path_params["number"])


async def take(request):
    number = request.path_params["number"]
    await walk(127 - number)
    return JSONResponse(number)


app = Starlette(
    routes=[
        Route("/health", health),
        Route("/left/{number:int}", left),
        Route("/take/{number:int}", take, methods=["POST"]),
    ]
)
