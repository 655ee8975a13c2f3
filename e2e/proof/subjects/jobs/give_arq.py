"""Gives arq's worker its jobs."""

import asyncio
import sys

import queue_arq
from arq import create_pool


async def give():
    pool = await create_pool(queue_arq.SETTINGS)
    for name in sys.argv[1:]:
        await pool.enqueue_job("sell", name)


asyncio.run(give())
