"""Gives taskiq's workers their jobs, until these are done: who does not listen yet misses them."""

import asyncio
import sys
from pathlib import Path

from queue_taskiq import broker
from taskiq.kicker import AsyncKicker


async def give():
    await broker.startup()
    while not all(Path(f"done-{name}").exists() for name in sys.argv[1:]):
        for name in sys.argv[1:]:
            await AsyncKicker("sell", broker, {}).kiq(name)
        await asyncio.sleep(0.2)
    await broker.shutdown()


asyncio.run(give())
