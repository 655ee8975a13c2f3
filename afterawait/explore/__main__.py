"""The page's process: `python -m afterawait.explore`, started by process.py.

The first line of its standard input is the token that whoever asks must know: arguments and environments are listed to
others. It ends with its standard input, whose other end the driver holds.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import os
import socket
import sys
from pathlib import Path

import uvicorn

from afterawait import protocol
from afterawait.explore.board import Board
from afterawait.explore.page import STATUS, Page
from afterawait.explore.sessions import Sessions
from afterawait.explore.sources import Sources


def main() -> None:
    """Serve the page until standard input ends."""
    parser = argparse.ArgumentParser(prog="python -m afterawait.explore")
    parser.add_argument("--fd", type=int, required=True, help="a bound socket")
    parser.add_argument("--root", type=Path, required=True, help="the project")
    parser.add_argument("--state", type=Path, required=True, help="the exploration's folder")
    parser.add_argument("--session", default="session", help="the session to begin with")
    parser.add_argument("--source", action="append", required=True, help="a measured folder below the root")
    options = parser.parse_args()
    os.umask(0o077)  # what it writes is a person's own
    token = _first_line()
    board = Board(
        options.root,
        options.state / protocol.RUN_FOLDER,
        Sources(options.root, options.source),
        Sessions(options.root / protocol.STATE / protocol.SESSIONS),
        options.session,
    )
    page = Page(board, options.state / STATUS, token)
    with contextlib.suppress(KeyboardInterrupt):  # sent by hand: the driver's terminal does not reach here
        asyncio.run(_serve(page, socket.socket(fileno=options.fd)))


def _first_line() -> str:
    """That of standard input. Nothing comes behind it, which a buffer could swallow, but its end."""
    return sys.stdin.readline().strip()


async def _serve(page: Page, sock: socket.socket) -> None:
    config = uvicorn.Config(page.application(), log_level="warning", timeout_graceful_shutdown=1)
    server = uvicorn.Server(config)
    loop = asyncio.get_running_loop()

    def stop_at_end_of_input() -> None:
        with contextlib.suppress(OSError):
            if os.read(0, 4096):
                return
        loop.remove_reader(0)
        server.should_exit = True
        page.dismiss_all()

    loop.add_reader(0, stop_at_end_of_input)
    await server.serve(sockets=[sock])


if __name__ == "__main__":
    main()
