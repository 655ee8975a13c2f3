"""Plain ASGI: two lines never run, and `if validated(kind)` is never false."""


async def app(scope, receive, send):
    if scope["type"] == "lifespan":
        await receive()
        await send({"type": "lifespan.startup.complete"})
        await receive()
        await send({"type": "lifespan.shutdown.complete"})
        return
    kind = scope["query_string"].decode()
    answer = told(kind) if scope["path"] == "/told" else forgiven(kind)
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": answer.encode()})


def forgiven(kind):
    try:
        return side(kind)
    except ValueError:
        return "bad"


def side(kind):
    # The first request leaves by an error from below; where the next one goes on, coverage.py joins the two.
    if kind != "b":  # noqa: SIM102  # two branches
        if validated(kind):
            kind = kind.upper()
    return kind


def validated(kind):
    if kind == "bad":
        raise ValueError
    return True


def told(kind):
    try:
        kind or validated("bad")
    except ValueError:
        return "nothing"
    else:
        kind += "!"  # never
    return kind  # never
