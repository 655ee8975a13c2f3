"""Server."""

from starlette.applications import Starlette
from starlette.responses import JSONResponse, PlainTextResponse
from starlette.routing import Mount, Route


async def index(request):
    return PlainTextResponse("hello")


def item(request):
    return JSONResponse({"id": request.path_params["id"]})


async def items(request):
    return JSONResponse([1, 2])


app = Starlette(
    routes=[
        Route("/", index),
        Mount(
            "/api", routes=[Route("/items", items), Route("/items/{id}", item), Route("/new", item, methods=["POST"])]
        ),
    ]
)
