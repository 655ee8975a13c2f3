"""Plain ASGI: annotations are evaluated at start-up, in a request, and beside a forked child."""

import os
import sys
from typing import get_type_hints

from shop import models, texts


async def app(scope, receive, send):
    if scope["type"] == "lifespan":
        await receive()
        hints = get_type_hints(models.AtStart, include_extras=True)
        scope["state"]["doubled"] = hints["price"].__metadata__[0]
        await send({"type": "lifespan.startup.complete"})
        await receive()
        await send({"type": "lifespan.shutdown.complete"})
        return
    body = ROUTES[scope["path"]](scope)
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": str(body).encode()})


def asked(scope):
    names = sorted(get_type_hints(models.Asked))
    names += sorted(models.priced.__annotations__)
    names += sorted(sys.modules["shop.models"].__annotations__)
    return ", ".join(names + sorted(get_type_hints(texts.Kept)))


def doubled(scope):
    return scope["state"]["doubled"](models.AtStart.price)


def forked(scope):
    child = os.fork()
    if not child:
        in_child()
        os._exit(7)
    _, status = os.waitpid(child, 0)
    return os.waitstatus_to_exitcode(status)


def in_child():
    return models.priced(2)


ROUTES = {"/asked": asked, "/doubled": doubled, "/forked": forked}
