"""A worker of arq's."""

from pathlib import Path

import queue_arq

from subject import main


async def sell(context, name):
    main.note(name)
    Path(f"done-{name}").touch()


class WorkerSettings:
    functions = [sell]
    redis_settings = queue_arq.SETTINGS
