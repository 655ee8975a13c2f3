"""Gives Celery's worker its jobs."""

import sys

from queue_celery import celery

for name in sys.argv[1:]:
    celery.send_task("sell", [name])
