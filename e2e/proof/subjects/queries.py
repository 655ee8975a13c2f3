"""Kinds of asynchronous work over SQLAlchemy, an endpoint each. Part of a measured program."""


@app.get("/session")
async def session(turns: Turns = 1):
    async with AsyncSession(engine) as session:
        total = 0
        for _ in range(turns):
            result = await session.execute(text("SELECT 1"))
            total += result.scalar_one()
        if turns > 2:
            total = -total
    return total


@app.get("/stream")
async def stream(turns: Turns = 1):
    found = []
    async with AsyncSession(engine) as session:
        rows = await session.stream(text("SELECT 1 UNION SELECT 2 UNION SELECT 3"))
        async for row in rows:
            found.append(row[0])
            if row[0] == 3 and turns > 2:
                found.append(turns)
    return found


@app.get("/run-sync")
async def run_sync(turns: Turns = 1):
    async with AsyncSession(engine) as session:
        return await session.run_sync(beside, turns)


def beside(session, turns):
    before = session.execute(text("SELECT 2")).scalar_one()
    if turns > 2:
        before += 1
    after = session.execute(text("SELECT 3")).scalar_one()
    return before + after


@app.get("/listener")
async def listener(turns: Turns = 1):
    async with AsyncSession(engine) as session:
        await session.execute(text("SELECT 1 AS listened"))
    return "heard"
