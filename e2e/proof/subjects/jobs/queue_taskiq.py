"""Where taskiq's jobs wait: nowhere, whoever subscribes to the port that the environment names hears them."""

import os

from taskiq import ZeroMQBroker

PLACE = f"tcp://127.0.0.1:{os.environ['JOBS_PORT']}"
broker = ZeroMQBroker(PLACE, PLACE)
