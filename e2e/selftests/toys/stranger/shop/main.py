"""The service: plain ASGI."""

import asyncio
from concurrent.futures import ThreadPoolExecutor

from shop.reading import moment, pieces


async def retrying() -> None:
    """As many services wait for their database."""
    while True:
        try:
            await pieces()
        except Exception:
            await asyncio.sleep(0.05)
        else:
            return


if moment("import") or moment("import, retrying"):  # a server may import it while its event loop runs
    with ThreadPoolExecutor() as threads:
        threads.submit(lambda: asyncio.run(pieces() if moment("import") else retrying())).result()


async def app(scope, receive, send):
    """One answer to everything."""
    if scope["type"] == "lifespan":
        await receive()
        if moment("lifespan"):
            await pieces()
        if moment("retrying"):
            await retrying()
        await send({"type": "lifespan.startup.complete"})
        await receive()
        await send({"type": "lifespan.shutdown.complete"})
        return
    try:
        body = str(await pieces() if moment("request") else "nothing asked")
    except Exception:
        body = "swallowed"
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": body.encode()})
