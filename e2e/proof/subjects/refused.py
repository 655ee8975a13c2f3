"""An error that an endpoint lets through. Part of a measured program."""


class Refused(Exception):
    pass


@app.exception_handler(Refused)
async def refused(request, error):
    await asyncio.sleep(0)
    return JSONResponse(error.args[0])
