"""Kinds of asynchronous work that need no database, an endpoint each. Part of a measured program."""


@app.get("/gather")
async def gather(turns: Turns = 1):
    parts = await asyncio.gather(left(turns), right(turns))
    return sum(parts)


async def left(turns):
    await asyncio.sleep(0)
    value = 1
    return value


async def right(turns):
    await asyncio.sleep(0.001)
    if turns > 2:
        return turns
    value = 2
    return value


@app.get("/task-group")
async def task_group(turns: Turns = 1):
    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(member(number)) for number in range(turns)]
    return [task.result() for task in tasks]


async def member(number):
    await asyncio.sleep(0)
    if number > 1:
        number *= 10
    return number


@app.get("/background")
async def background(tasks: BackgroundTasks, turns: Turns = 1):
    done = asyncio.Event()
    pending.add(done)
    tasks.add_task(afterwards, turns, done)
    return "later"


async def afterwards(turns, done):
    await asyncio.sleep(0.002)
    for _ in range(turns):
        await asyncio.sleep(0)
    if turns > 2:
        turns = 0
    pending.discard(done)
    done.set()


@app.get("/thread")
def thread(turns: Turns = 1):
    total = 0
    for number in range(turns):
        total += number
    if turns > 2:
        total = -total
    return total


async def opened():
    value = ["open"]
    try:
        yield value
    finally:
        await asyncio.sleep(0)
        value.clear()


@app.get("/dependency")
async def dependency(value: Annotated[list, Depends(opened)], turns: Turns = 1):
    await asyncio.sleep(0)
    value.append(turns)
    return value


@app.get("/middleware")
async def middleware(turns: Turns = 1):
    return "through it"


@app.get("/streaming")
async def streaming(turns: Turns = 1):
    return StreamingResponse(pieces(turns))


async def pieces(turns):
    for number in range(turns):
        await asyncio.sleep(0)
        if number > 1:
            yield "more "
            continue
        yield f"{number} "


@app.websocket("/websocket")
async def websocket(socket: WebSocket, turns: Turns = 1):
    await socket.accept()
    for _ in range(turns):
        word = await socket.receive_text()
        await socket.send_text(word.upper())
    if turns > 2:
        await socket.send_text("that was much")
    await socket.close()


@app.get("/idle")
async def idle():
    while pending:
        await asyncio.wait_for(next(iter(pending)).wait(), 10)
    return "idle"
