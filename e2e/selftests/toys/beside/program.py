"""A service: it notes when it starts and when it is asked to end, and does in between what its command line says.

program.py NAME [listen PORT] [answer PORT STATUS] [linger PORT SECONDS] [flicker] [open FILE] [say TEXT]
                [end CODE] [stay]
"""

import signal
import socket
import sqlite3
import subprocess
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

ended = threading.Event()
waiting = threading.Event()


def note(what):
    with Path("notes").open("a") as notes:
        notes.write(f"{sys.argv[1]} {what}\n")


def answer(port, status, seconds=0.0):
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            time.sleep(seconds)
            self.send_response(int(status) if self.path == "/health" else 404)
            self.end_headers()

        def log_message(self, *args):
            pass

    threading.Thread(target=HTTPServer(("127.0.0.1", int(port)), Handler).serve_forever, daemon=True).start()


def flicker():
    while True:
        subprocess.run(["sleep", "0.15"], check=False)


def main(words):
    note("starts")
    held = []
    while words:
        match words.pop(0):
            case "listen":
                held.append(socket.create_server(("127.0.0.1", int(words.pop(0)))))
            case "answer":
                answer(words.pop(0), words.pop(0))
            case "linger":
                answer(words.pop(0), 200, float(words.pop(0)))
            case "flicker":
                threading.Thread(target=flicker, daemon=True).start()
            case "open":
                sqlite3.connect(words.pop(0)).close()
            case "say":
                print(words.pop(0))
            case "end":
                print("cannot go on")
                sys.exit(int(words.pop(0)))
            case "stay":
                signal.signal(signal.SIGTERM, signal.SIG_IGN)
    ended.wait()
    note("ends")


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, lambda *_: ended.set())
    main(sys.argv[2:])
