"""The kinds of work over asyncpg alone, an endpoint each. Part of a measured program, the control."""


@app.get("/session")
async def session(turns: Turns = 1):
    async with pool.acquire() as connection:
        total = 0
        for _ in range(turns):
            total += await connection.fetchval("SELECT 1")
        if turns > 2:
            total = -total
    return total


@app.get("/stream")
async def stream(turns: Turns = 1):
    found = []
    async with pool.acquire() as connection, connection.transaction():
        async for row in connection.cursor("SELECT 1 AS n UNION SELECT 2 UNION SELECT 3", prefetch=turns):
            found.append(row["n"])
            if row["n"] == 3 and turns > 2:
                found.append(turns)
    return found


@app.get("/savepoint")
async def savepoint(turns: Turns = 1):
    kept = 0
    async with pool.acquire() as connection, connection.transaction():
        for _ in range(turns):
            try:
                async with connection.transaction():
                    await connection.execute("INSERT INTO items (name) VALUES ($1)", "taken")
            except asyncpg.UniqueViolationError:
                kept += 1
    return kept


@app.get("/integrity")
async def integrity(turns: Turns = 1):
    async with pool.acquire() as connection:
        added = await add_taken(connection)
        if not added:
            turns += 1
    return turns


@app.get("/rollback")
async def rollback(turns: Turns = 1):
    async with pool.acquire() as connection:
        transaction = connection.transaction()
        await transaction.start()
        name = await connection.fetchval("INSERT INTO items (name) VALUES ($1) RETURNING name", str(uuid.uuid4()))
        await transaction.rollback()
        if turns > 2:
            name = name.title()
    return name


@app.get("/begin")
async def begin(turns: Turns = 1):
    async with pool.acquire() as connection:
        async with connection.transaction():
            found = await connection.fetchval("SELECT name FROM items WHERE name = $1", "taken")
        after = found.title()
    return after


@app.get("/connection")
async def connection(turns: Turns = 1):
    async with pool.acquire() as connection:
        rows = await connection.fetch("SELECT id FROM items LIMIT 1")
        found = [row["id"] for row in rows]
    return len(found)


@app.get("/dependency-session")
async def dependency_session(connection: Annotated[object, Depends(opened_connection)], turns: Turns = 1):
    total = 0
    for _ in range(turns):
        total += await connection.fetchval("SELECT 1")
    return total


@app.get("/sessions")
async def sessions(turns: Turns = 1):
    async with pool.acquire() as one, pool.acquire() as two:
        found = await asyncio.gather(refuse(one, 1), refuse(two, turns), return_exceptions=True)
    refused = [each for each in found if isinstance(each, Refused)]
    return len(refused)


@app.get("/raised")
async def raised(turns: Turns = 1):
    async with pool.acquire() as connection:
        answer = await refuse(connection, turns)
    return answer


@app.get("/cancelled")
async def cancelled(turns: Turns = 1):
    async with pool.acquire() as connection:
        try:
            await asyncio.wait_for(slow(connection), 0.05)
        except TimeoutError:
            again = await connection.fetchval("SELECT 1")
        return again + turns
