"""A shop that starts helpers and lets go of them, each kind in its own way."""

import os
import subprocess
import sys
import time


async def app(scope, receive, send):
    if scope["type"] == "lifespan":
        await receive()
        await send({"type": "lifespan.startup.complete"})
        await receive()
        await send({"type": "lifespan.shutdown.complete"})
        return
    body = {"/": os.getpid, "/session": own_session, "/fork": forked_twice, "/tool": tool}[scope["path"]]()
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": str(body).encode()})


def own_session():
    helper = subprocess.Popen(
        [sys.executable, "-m", "shop.helper"], start_new_session=True, stdout=subprocess.PIPE, text=True
    )
    return helper.stdout.readline().strip()


def forked_twice():
    """As daemons are made: its parent is gone at once, its session is its own, and it heeds no SIGTERM."""
    reading, writing = os.pipe()
    if not os.fork():
        os.setsid()
        if not os.fork():
            import signal

            signal.signal(signal.SIGTERM, signal.SIG_IGN)
            os.write(writing, str(os.getpid()).encode())
            time.sleep(600)
        os._exit(0)
    return os.read(reading, 100).decode()


def tool():
    return subprocess.Popen(["sleep", "600"], start_new_session=True).pid
