"""Plain ASGI: one answer."""


async def app(scope, receive, send):
    if scope["type"] == "lifespan":
        return
    body = answer()  # ran
    await send({"type": "http.response.start", "status": 200, "headers": []})  # ran
    await send({"type": "http.response.body", "body": body})  # ran


def answer():
    return b"pear"  # ran
