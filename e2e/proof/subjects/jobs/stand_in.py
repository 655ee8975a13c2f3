"""A server that speaks Redis, for arq."""

import os

from fakeredis import TcpFakeServer

TcpFakeServer(("127.0.0.1", int(os.environ["JOBS_PORT"])), server_type="redis").serve_forever()
