"""A worker without HTTP, beside the shop: it comes to its end by itself."""

import asyncio


async def work():
    done = []
    for number in range(3):
        await asyncio.sleep(0)
        done.append(number)
    return done


if __name__ == "__main__":
    asyncio.run(work())
