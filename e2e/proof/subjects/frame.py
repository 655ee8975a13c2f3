"""The application itself and what it always goes through; it expects a `lifespan`. Part of a measured program."""

pending = set()


class Middleware:
    def __init__(self, app):
        self.app = app

    async def __call__(self, scope, receive, send):
        if scope["type"] != "lifespan":
            path = scope["path"]
            if path == "/middleware":
                for part in path.split("/"):
                    scope.setdefault("parts", []).append(part)
        await self.app(scope, receive, send)


app = FastAPI(lifespan=lifespan)
app.add_middleware(Middleware)
Turns = Annotated[int, Query(ge=0)]
