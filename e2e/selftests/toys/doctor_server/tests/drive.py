"""A test that starts the shop as a process of its own, asks it, and ends it as people do."""

import socket
import subprocess
import sys
import time
import urllib.request

with socket.socket() as probe:
    probe.bind(("127.0.0.1", 0))
    port = probe.getsockname()[1]
server = subprocess.Popen(
    [sys.executable, "-m", "uvicorn", "shop.main:app", "--port", str(port), "--log-level", "warning"]
)
try:
    deadline = time.monotonic() + 30
    while True:
        try:
            answer = urllib.request.urlopen(f"http://127.0.0.1:{port}/").read()
            break
        except OSError:
            assert server.poll() is None and time.monotonic() < deadline
            time.sleep(0.05)
    assert answer == b"pear"
finally:
    server.terminate()
    server.wait(30)
