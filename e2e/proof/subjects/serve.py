"""uvicorn on an inherited socket. Measured process."""

import socket
import sys

import guard
import uvicorn

config = uvicorn.Config("subject.main:app", log_level="warning", timeout_graceful_shutdown=10)
uvicorn.Server(config).run(sockets=[socket.socket(fileno=int(sys.argv[1]))])
