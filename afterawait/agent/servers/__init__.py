"""How the wrapper gets into a server that the project's own command starts. In measured processes of that command.

The servers that are known are changed as they are imported, behind all that they do to find the application: the
user's command, module and object stay as they are. In any other server Starlette's applications wrap themselves.
"""

from __future__ import annotations


def begin() -> None:
    """Look for servers from here on. Raises nothing."""
    from afterawait.agent import imports
    from afterawait.agent.servers import fallback, granian, gunicorn, hypercorn, uvicorn

    imports.after(uvicorn.PATCHES | gunicorn.PATCHES | hypercorn.PATCHES | granian.PATCHES | fallback.PATCHES)
