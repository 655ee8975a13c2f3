"""Prices, a plugin's and those that a child process works out in a folder of its own."""

import subprocess
import sys
from pathlib import Path

from shop import prices
from shop.plugins import discount


async def app(scope, receive, send):
    if scope["type"] == "lifespan":
        await receive()
        await send({"type": "lifespan.startup.complete"})
        await receive()
        await send({"type": "lifespan.shutdown.complete"})
        return
    number = discount.of(prices.of("tea")) + child()
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": str(number).encode()})


def child():
    done = subprocess.run(
        [sys.executable, "-m", "shop.child"], cwd=Path(__file__).parent, capture_output=True, text=True, check=True
    )
    return int(done.stdout)
