"""Plain ASGI: each path starts a process in another way, and answers when that has ended."""

import asyncio
import functools
import multiprocessing
import os
import subprocess
import sys

from starter import children

WORK = {}


async def app(scope, receive, send):
    if scope["type"] == "lifespan":
        await receive()
        await send({"type": "lifespan.startup.complete"})
        await receive()
        await send({"type": "lifespan.shutdown.complete"})
        return
    work = WORK[scope["path"].strip("/")]
    await asyncio.sleep(0)
    work()
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": b"done"})


def python(name, env=None):
    program = f"from starter import children; children.{name}()"
    subprocess.run([sys.executable, "-c", program], env=env, check=True)


def processes(method):
    context = multiprocessing.get_context(method)
    process = context.Process(target=children.in_a_process, args=(method,))
    process.start()
    process.join()
    pool = context.Pool(1)
    pool.map(children.in_a_pool, range(3))
    pool.close()  # not `with`: a forked worker has the server's handler of SIGTERM, and may not end by that
    pool.join()


WORK["fork"] = functools.partial(children.fork, children.by_fork)
WORK["thread"] = children.fork_in_a_thread
WORK["exec"] = functools.partial(children.fork, children.becomes)
WORK["subprocess"] = functools.partial(python, "by_subprocess")
WORK["environment"] = functools.partial(
    python, "by_subprocess_with_an_environment", {"PYTHONPATH": os.pathsep.join(sys.path)}
)
for name in ("fork", "forkserver", "spawn"):
    WORK[f"multiprocessing-{name}"] = functools.partial(processes, name)
WORK["sub-interpreter"] = children.sub_interpret
