"""A worker that is a loop of asyncio's, over files."""

import asyncio
import signal
from pathlib import Path

from subject import main

jobs = Path("jobs")


async def work():
    over = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, over.set)
    while not over.is_set():
        for path in jobs.glob("*"):
            path.unlink()
            main.note(path.name)
            Path(f"done-{path.name}").touch()
        await asyncio.sleep(0.05)


asyncio.run(work())
