"""The page's process: `python -m afterawait.explore`, started by process.py. It ends with its standard input."""

from __future__ import annotations

import argparse
import contextlib
import os
import socket
import threading
from pathlib import Path

import uvicorn

from afterawait import protocol
from afterawait.explore.board import Board
from afterawait.explore.page import STATUS, Page
from afterawait.explore.sessions import Sessions
from afterawait.explore.sources import Sources


def main() -> None:
    """Serve the page until standard input ends, whose other end the driver holds."""
    parser = argparse.ArgumentParser(prog="python -m afterawait.explore")
    parser.add_argument("--fd", type=int, required=True, help="a bound socket")
    parser.add_argument("--root", type=Path, required=True, help="the project")
    parser.add_argument("--state", type=Path, required=True, help="the exploration's folder")
    parser.add_argument("--session", default="session", help="the session to begin with")
    parser.add_argument("--source", action="append", required=True, help="a measured folder below the root")
    options = parser.parse_args()
    sessions = Sessions(options.root / protocol.STATE / protocol.SESSIONS)
    board = Board(
        options.root,
        options.state / protocol.RUN_FOLDER,
        Sources(options.root, options.source),
        sessions,
        options.session,
    )
    page = Page(board, options.state / STATUS)
    config = uvicorn.Config(page.application(), log_level="warning", timeout_graceful_shutdown=1)
    server = uvicorn.Server(config)

    def stop_at_end_of_input() -> None:
        with contextlib.suppress(OSError):
            while os.read(0, 4096):
                pass
        server.should_exit = True
        with contextlib.suppress(AttributeError, RuntimeError):  # it has not begun, or has ended
            page.dismiss_all()

    threading.Thread(target=stop_at_end_of_input, daemon=True).start()
    with contextlib.suppress(KeyboardInterrupt):  # sent by hand: the driver's terminal does not reach here
        server.run(sockets=[socket.socket(fileno=options.fd)])


if __name__ == "__main__":
    main()
