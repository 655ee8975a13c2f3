"""Ways that differ from order to order: one function for each bit of its number."""

import asyncio


async def step_0():
    await asyncio.sleep(0)
    return 0


async def step_1():
    await asyncio.sleep(0)
    return 1


async def step_2():
    await asyncio.sleep(0)
    return 2


async def step_3():
    await asyncio.sleep(0)
    return 3


async def step_4():
    await asyncio.sleep(0)
    return 4


async def step_5():
    await asyncio.sleep(0)
    return 5


async def step_6():
    await asyncio.sleep(0)
    return 6


STEPS = [step_0, step_1, step_2, step_3, step_4, step_5, step_6]


async def walk(number):
    for bit, step in enumerate(STEPS):
        if number >> bit & 1:
            await step()
