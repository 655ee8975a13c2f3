"""Further kinds of work over SQLAlchemy, an endpoint each. Part of a measured program."""


@app.get("/orm")
async def orm(turns: Turns = 1):
    async with AsyncSession(engine) as session:
        item = Item(name=str(uuid.uuid4()))
        session.add(item)
        await session.commit()
        await session.refresh(item)
        name = item.name
        if turns > 2:
            item.name = str(uuid.uuid4())
            await session.commit()
    return name


@app.get("/lazy")
async def lazy(turns: Turns = 1):
    async with AsyncSession(engine) as session:
        item = Item(name=str(uuid.uuid4()), parts=[Part() for _ in range(turns)])
        session.add(item)
        await session.flush()
        session.expire(item)
        parts = await item.awaitable_attrs.parts
        count = len(parts)
        await session.rollback()
    return count


@app.get("/savepoint")
async def savepoint(turns: Turns = 1):
    async with AsyncSession(engine) as session:
        kept = 0
        for _ in range(turns):
            try:
                async with session.begin_nested():
                    session.add(Item(name="taken"))
                    await session.flush()
            except IntegrityError:
                kept += 1
        await session.rollback()
    return kept


@app.get("/integrity")
async def integrity(turns: Turns = 1):
    async with AsyncSession(engine) as session:
        added = await add_taken(session)
        if not added:
            turns += 1
    return turns


@app.get("/rollback")
async def rollback(turns: Turns = 1):
    async with AsyncSession(engine) as session:
        session.add(Item(name=str(uuid.uuid4())))
        await session.flush()
        if turns > 2:
            await session.rollback()
            return "undone"
        await session.rollback()
    return "undone as well"


@app.get("/begin")
async def begin(turns: Turns = 1):
    async with AsyncSession(engine) as session:
        async with session.begin():
            found = await session.scalar(select(Item.name).where(Item.name == "taken"))
        after = found.title()
    return after


@app.get("/connection")
async def connection(turns: Turns = 1):
    async with engine.connect() as connection:
        rows = await connection.execute(select(Item.id).limit(turns))
        found = [row.id for row in rows]
    return len(found)


@app.get("/tables")
async def names(turns: Turns = 1):
    async with engine.begin() as connection:
        found = await connection.run_sync(tables)
    return found


@app.get("/partitions")
async def partitions(turns: Turns = 1):
    found = 0
    async with AsyncSession(engine) as session:
        result = await session.stream_scalars(text("SELECT 1 UNION SELECT 2 UNION SELECT 3"))
        async for part in result.partitions(turns):
            for value in part:
                found += value
    return found


@app.get("/dependency-session")
async def dependency_session(session: Annotated[AsyncSession, Depends(opened_session)], turns: Turns = 1):
    total = 0
    for _ in range(turns):
        total += await session.scalar(text("SELECT 1"))
    return total


@app.get("/sessions")
async def sessions(turns: Turns = 1):
    async with AsyncSession(engine) as one, AsyncSession(engine) as two:
        found = await asyncio.gather(refuse(one, 1), refuse(two, turns), return_exceptions=True)
    refused = [each for each in found if isinstance(each, Refused)]
    return len(refused)


@app.get("/raised")
async def raised(turns: Turns = 1):
    async with AsyncSession(engine) as session:
        answer = await refuse(session, turns)
    return answer


@app.get("/cancelled")
async def cancelled(turns: Turns = 1):
    async with AsyncSession(engine) as session:
        try:
            await asyncio.wait_for(slow(session), 0.05)
        except TimeoutError:
            again = await session.scalar(text("SELECT 1"))
        return again + turns
