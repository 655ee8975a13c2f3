"""Responses that are produced while they are sent, and cleaned up however that ends; runs in the server process."""

import logging
from asyncio import CancelledError, sleep
from collections.abc import AsyncGenerator
from contextlib import aclosing

from fastapi.responses import StreamingResponse
from sqlalchemy.exc import DBAPIError
from starlette.types import Message, Receive, Scope, Send

from app.errors import first_line

_log = logging.getLogger("uvicorn.error")


class GeneratedResponse(StreamingResponse):
    """Closes its generator at once when the client hangs up or the server stops, not when memory is next tidied."""

    def __init__(self, generator: AsyncGenerator[bytes]) -> None:
        super().__init__(generator, headers={"Cache-Control": "no-cache"})
        self.generator = generator

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """A server that stops cancels what still streams: no failure, the response ends and shows if that was all.

        If the database goes away it is too late for a 503: the connection is closed without the proper end.
        """

        async def send_in_turn(message: Message) -> None:
            await send(message)
            await sleep(0)  # or the event loop never sees that the client has hung up

        try:
            async with aclosing(self.generator):
                await super().__call__(scope, receive, send_in_turn)
        except CancelledError:
            await send({"type": "http.response.body"})
        except (OSError, DBAPIError) as error:
            _log.warning("Cut %s short: %s", scope["path"], first_line(error))
