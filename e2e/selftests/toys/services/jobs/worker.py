"""Does what orders leave to it, several at a time: no HTTP, a plain event loop."""

import asyncio
import json
import os
import signal

import httpx
from opentelemetry import context, propagate
from shop import redis

from jobs.steps import walk


async def deliver(job, client):
    token = context.attach(propagate.extract(job["headers"]))
    try:
        await walk(job["number"])
        taken = await client.post(f"/take/{job['number']}")
        await redis.do("SET", f"delivered {job['number']}", str(taken.json()))
    finally:
        context.detach(token)


async def work():
    async with httpx.AsyncClient(base_url=os.environ["STOCK_URL"], timeout=60) as client, asyncio.TaskGroup() as group:
        print("waiting for jobs")
        while True:
            job = await redis.get("RPOP", "jobs")
            if job is None:
                await asyncio.sleep(0.01)
            else:
                group.create_task(deliver(json.loads(job), client))


async def main():
    working = asyncio.create_task(work())
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, working.cancel)
    try:
        await working
    except asyncio.CancelledError:
        print("no more jobs")


if __name__ == "__main__":
    asyncio.run(main())
