"""A worker of Celery's."""

from pathlib import Path

from queue_celery import celery

from subject import main


@celery.task(name="sell")
def sell(name):
    main.note(name)
    Path(f"done-{name}").touch()
