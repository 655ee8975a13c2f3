"""Where arq's jobs wait: a Redis on the port that the environment names."""

import os

import arq.worker
from arq.connections import RedisSettings

SETTINGS = RedisSettings(host="127.0.0.1", port=int(os.environ["JOBS_PORT"]))


async def say_nothing(*args):
    pass


arq.worker.log_redis_info = say_nothing  # asks for INFO, which the stand-in for Redis does not know
