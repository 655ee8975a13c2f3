"""HEAD for whatever has a GET, and the methods that a path allows; runs in the server process."""

from fastapi import Request
from fastapi.routing import iter_route_contexts
from starlette.routing import Match
from starlette.types import ASGIApp, Message, Receive, Scope, Send


class HeadAsGet:
    """Answers HEAD with the head of GET's answer, also where GET's never ends."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on everything but HEAD as it is."""
        if scope.get("method") != "HEAD":
            await self.app(scope, receive, send)
            return

        async def send_head(message: Message) -> None:
            if message["type"] == "http.response.start":
                await send(message)
                await send({"type": "http.response.body"})

        await self.app({**scope, "method": "GET"}, receive, send_head)


def allowed_methods(request: Request) -> list[str]:
    """All methods of the path that the request is for, HEAD with GET; none for an unknown path.

    Starlette names those of the first route alone, though a path's methods may be spread over several. Several
    paths may match as well, `/articles/feed` and `/articles/{slug}`: the first is meant, as in all routing.
    """
    routes = [
        (route.path_format, route.methods or set())
        for route in iter_route_contexts(request.app.routes)
        if route.matches(request.scope)[0] is not Match.NONE
    ]
    found = {method for path, methods in routes if path == routes[0][0] for method in methods}
    return sorted(found | ({"HEAD"} if "GET" in found else set()))
