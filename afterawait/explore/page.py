"""The page's own server: static files, the board as JSON, differences as server-sent events. Page process.

It listens on 127.0.0.1, and security.py says whom it answers. Files are known by number, static ones by a fixed list:
no path of a request is ever opened.
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import json
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route

from afterawait.explore import body, security
from afterawait.explore.board import Board
from afterawait.explore.sources import coloured
from afterawait.runs import private

PAUSE = 0.06  # seconds between two looks: a line is to light up within 250 ms
SELDOM = 8  # looks at what runs for one at whether sources have changed
HEARTBEAT = 15.0
MOST_WAITING = 1000
"""Events that wait for a listener which does not read."""
STATUS = "status.json"
REACHED = "reached.json"
STATIC = {
    "/": ("index.html", "text/html; charset=utf-8"),
    "/app.css": ("app.css", "text/css; charset=utf-8"),
    "/app.js": ("app.js", "text/javascript; charset=utf-8"),
}
ICON = "/favicon.ico"


class Page:
    """The page over one board; `status` is a file in which the driver says how the application is.

    Who asks for more than the empty page must know `token`.
    """

    def __init__(self, board: Board, status: Path, token: str) -> None:
        self.board = board
        self._token = token
        self._status_file = status
        self._status: dict[str, Any] = {}
        self._listeners: set[asyncio.Queue[str | None]] = set()
        self._problem = ""
        self._turn = asyncio.Lock()
        self._ended = asyncio.Event()

    def application(self) -> Starlette:
        """The ASGI application."""
        routes = [Route(path, self._static) for path in STATIC]
        routes += [
            Route(ICON, lambda _request: Response(status_code=204)),
            Route("/api/board", self._board),
            Route("/api/source/{number:int}", self._source),
            Route("/api/request/{key}", self._request),
            Route("/api/compare", self._compare),
            Route("/api/session", self._session, methods=["POST"]),
            Route("/api/events", self._events),
        ]
        return Starlette(
            routes=routes,
            lifespan=self._lifespan,
            middleware=security.middleware(self._token, without=[*STATIC, ICON]),
            exception_handlers={HTTPException: body.refused},
        )

    @contextlib.asynccontextmanager
    async def _lifespan(self, _app: Starlette) -> AsyncIterator[None]:
        looking = asyncio.create_task(self._look())
        yield
        self._ended.set()  # not cancelled: its thread would go on beside the last look
        await looking
        try:
            await self._of_board(self.board.look)
        finally:
            await self._of_board(self.board.save)
            private.write(self._status_file.with_name(REACHED), json.dumps(self.board.reached()))

    async def _look(self) -> None:
        shown = ""
        for beat in itertools.count():
            if self._ended.is_set():
                return
            try:
                await self._look_once(refresh=beat % SELDOM == 0)
                self._problem = ""
            except Exception as error:  # a folder that is being moved, say: the next look may find it again
                self._problem = f"the page cannot read what it shows: {type(error).__name__}: {error}"
            if self._errors() != shown:
                shown = self._errors()
                self._publish("error-shown", {"text": shown})
            await asyncio.sleep(PAUSE)

    async def _look_once(self, *, refresh: bool) -> None:
        if change := await self._of_board(self.board.look):
            self._publish("change", change)
        if refresh and await self._of_board(self.board.refresh):
            self._publish("board", await self._whole())
        status = await asyncio.to_thread(self._read_status)
        if status != self._status:
            self._status = status
            self._publish("status", status)

    def _read_status(self) -> dict[str, Any]:
        try:
            payload = json.loads(self._status_file.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return {}
        return payload if isinstance(payload, dict) else {}

    def _publish(self, kind: str, what: dict[str, Any]) -> None:
        text = _event(kind, what)
        for queue in list(self._listeners):
            try:
                queue.put_nowait(text)
            except asyncio.QueueFull:  # nobody reads there; whoever comes back gets everything anew
                self._dismiss(queue)

    def _dismiss(self, queue: asyncio.Queue[str | None]) -> None:
        self._listeners.discard(queue)
        while not queue.empty():
            queue.get_nowait()
        queue.put_nowait(None)

    def dismiss_all(self) -> None:
        """End all streams of events: the page is about to."""
        for queue in list(self._listeners):
            self._dismiss(queue)

    def _errors(self) -> str:
        return self._problem or self.board.error

    async def _of_board[**P, T](self, call: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Call one of the board's methods: in a thread, so that no long one holds up others' answers; one at a time."""
        async with self._turn:
            return await asyncio.to_thread(call, *args, **kwargs)

    async def _whole(self) -> dict[str, Any]:
        return await self._of_board(self.board.whole) | {"status": self._status, "error": self._errors()}

    # -- what is asked for

    async def _static(self, request: Request) -> Response:
        name, kind = STATIC[request.url.path]
        return Response((Path(__file__).parents[1] / "page" / "static" / name).read_bytes(), media_type=kind)

    async def _board(self, _request: Request) -> Response:
        return JSONResponse(await self._whole())

    async def _source(self, request: Request) -> Response:
        number = request.path_params["number"]
        source = self.board.sources.files.get(number)
        if source is None:
            return JSONResponse({"error": "There is no such file (any more)."}, 404)
        lines = await asyncio.to_thread(coloured, source.text)
        states = await self._of_board(self.board.states, source)
        payload = {"id": number, "name": source.name, "broken": source.broken, "lines": lines, "states": states}
        return JSONResponse(payload)

    async def _request(self, request: Request) -> Response:
        return JSONResponse(await self._of_board(self.board.request_lines, request.path_params["key"]))

    async def _compare(self, request: Request) -> Response:
        return JSONResponse(await self._of_board(self.board.compare, request.query_params.get("with", "")))

    async def _session(self, request: Request) -> Response:
        sent = await body.read(request)
        wanted = sent if isinstance(sent, dict) else {}
        name, fresh = wanted.get("name"), wanted.get("fresh", False)
        if not isinstance(name, str) or not isinstance(fresh, bool):
            return JSONResponse({"error": 'Send {"name": "...", "fresh": false}.'}, 422)
        await self._of_board(self.board.begin, name, fresh=fresh)
        self._publish("board", await self._whole())
        return JSONResponse({"session": self.board.session})

    async def _events(self, request: Request) -> Response:
        queue: asyncio.Queue[str | None] = asyncio.Queue(MOST_WAITING)
        whole = await self._whole()
        self._listeners.add(queue)  # with nothing awaited between: whatever changes from here on comes behind it
        queue.put_nowait(_event("board", whole))

        async def stream() -> AsyncIterator[str]:
            try:
                while not await request.is_disconnected():
                    try:
                        payload = await asyncio.wait_for(queue.get(), HEARTBEAT)
                    except TimeoutError:
                        payload = ": still here\n\n"
                    if payload is None:
                        return
                    yield payload
            finally:
                self._listeners.discard(queue)

        return StreamingResponse(stream(), media_type="text/event-stream")


def _event(kind: str, what: dict[str, Any]) -> str:
    return f"event: {kind}\ndata: {json.dumps(what)}\n\n"
