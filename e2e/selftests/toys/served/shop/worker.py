"""A worker without HTTP, beside the shop, until it is asked to end."""

import asyncio
import signal
import sys


async def work(most):
    done = 0
    while most is None or done < most:
        await asyncio.sleep(0.01)
        done += 1
    return done


async def main():
    if len(sys.argv) > 1:
        return await work(int(sys.argv[1]))
    working = asyncio.create_task(work(None))
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, working.cancel)
    try:
        return await working
    except asyncio.CancelledError:
        return 0


if __name__ == "__main__":
    asyncio.run(main())
