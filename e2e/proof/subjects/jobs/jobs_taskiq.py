"""Workers of taskiq's."""

from pathlib import Path

from queue_taskiq import broker

from subject import main


@broker.task("sell")
async def sell(name):
    main.note(name)
    Path(f"done-{name}").touch()
