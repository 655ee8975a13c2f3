"""`afterawait explore`: a server and a page on which its lines light up as they run. Driver process."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from afterawait.settings import Settings

PORT = click.IntRange(0, 65535)

EPILOG = """\b
examples:
  afterawait explore --demo               with the project's demo data, to click at
  afterawait explore --reload             the server follows the sources
"""


@click.command(name="explore", epilog=EPILOG)
@click.option("--reload", is_flag=True, help="Start the server again when a source changes.")
@click.option("--app", metavar="MODULE:ATTRIBUTE", help="The application, in place of the settings' one.")
@click.option("--port", type=PORT, default=None, help="The application's port (8000).")
@click.option("--page-port", type=PORT, default=8001, show_default=True, help="The page's port.")
@click.option("--fresh", is_flag=True, help="Begin with an empty database, not with the kept one.")
@click.option("--demo", is_flag=True, help="Fill it by the settings' `demo` command.")
@click.option("--session", default="session", metavar="NAME", help="The session to begin with, or go on with.")
def command(  # noqa: PLR0913  # one a command-line option
    reload: bool, app: str | None, port: int | None, page_port: int, fresh: bool, demo: bool, session: str
) -> int:
    """Explore a live server by hand, and watch its lines light up on a page. Ctrl-C stops both."""
    from afterawait import coverage_config, protocol, settings, signals
    from afterawait.cli.exploration import Exploration, Wishes
    from afterawait.faults import Fault, conclude
    from afterawait.runs import lock

    interrupts = signals.Once()
    try:
        _must_have_a_server()
        known = settings.load(Path.cwd(), app=app)
        known.require_server()
        coverage_config.check(known)
        known = of_command_line(known, app, port)
        state = known.root / protocol.STATE / protocol.EXPLORED
        wishes = Wishes(session=session, page_port=page_port, reload=reload, fresh=fresh, demo=demo)
        with lock.only_run(state, known.grace):
            Exploration(known, state, wishes, interrupts).run()
    except Fault as fault:
        return conclude([fault])
    except KeyboardInterrupt:
        pass  # before anything ran: there is nothing to report
    return 0


def of_command_line(known: Settings, app: str | None, port: int | None) -> Settings:
    """The settings with what the command line says of the server. Raises EnvironmentFault where it cannot be."""
    from afterawait.faults import EnvironmentFault

    if app:
        known = replace(known, server="")  # it takes the place of the command as well
    if known.server and not known.names_port and port:
        message = "--port says which port, and the command in [tool.afterawait].server chooses one itself."
        raise EnvironmentFault(message, hint="Write {port} into the command, or leave --port out.")
    return replace(known, port=8000 if port is None else port, base_url=None)


def _must_have_a_server() -> None:
    """Raise EnvironmentFault where what serves the page is not installed."""
    from importlib.util import find_spec

    from afterawait.faults import EnvironmentFault

    if missing := [name for name in ("pygments", "starlette", "uvicorn") if find_spec(name) is None]:
        message = f"The page needs {', '.join(missing)}."
        raise EnvironmentFault(message, hint='Install it: pip install "afterawait[explore]"')
