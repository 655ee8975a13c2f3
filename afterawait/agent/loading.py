"""Finds the application that the settings name, as the server will serve it. Server process, and the import check's."""

from __future__ import annotations

import importlib
import inspect
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
ASGIApplication = Callable[[Scope, Receive, Send], Awaitable[None]]

CALLED_WITH = ("scope", "receive", "send")


class NotAnApplication(TypeError):
    """What the settings name is there, and no ASGI application."""


def load(target: str) -> ASGIApplication:
    """The application that `target` names: "module:attribute", "module:factory()".

    A factory without its parentheses is called too, as uvicorn does it. Raises ImportError, AttributeError,
    NotAnApplication, or what the module or the factory raises.
    """
    found = named(target)
    if target.endswith("()") or is_factory(found):
        found = found()
    must_be_application(target, found)
    app: ASGIApplication = found
    return app


def named(target: str) -> Any:
    """What `target` names, its module imported and nothing called."""
    module_name, _, attribute = target.partition(":")
    found: Any = importlib.import_module(module_name)
    for part in attribute.removesuffix("()").split("."):
        found = getattr(found, part)
    return found


def is_factory(found: Any) -> bool:
    """Whether `found` is to be called without arguments, and is no application itself."""
    if not callable(found) or not _takes(found, ()) or _is_async(found):
        return False
    if not _takes(found, CALLED_WITH):
        return True
    # Three settings with defaults make a factory; *args may be anything, a wrapped application most likely.
    kinds = {each.kind for each in inspect.signature(found).parameters.values()}
    return inspect.isfunction(found) and inspect.Parameter.VAR_POSITIONAL not in kinds


def _is_async(found: Any) -> bool:
    return inspect.iscoroutinefunction(found) or (
        not inspect.isclass(found) and inspect.iscoroutinefunction(type(found).__call__)
    )


def must_be_application(target: str, found: Any) -> None:
    """Raise NotAnApplication where a server could not call `found`."""
    if not callable(found):
        raise NotAnApplication(f"{target} is not callable, so it is no ASGI application")
    if not _takes(found, CALLED_WITH):
        takes = str(inspect.signature(found)).partition(" -> ")[0]
        raise NotAnApplication(f"{target} takes {takes}, and an ASGI application takes (scope, receive, send)")


def _takes(found: Any, arguments: tuple[str, ...]) -> bool:
    try:
        signature = inspect.signature(found)
    except (TypeError, ValueError):  # written in C, say: the server will see
        return len(arguments) > 0
    try:
        signature.bind(*arguments)
    except TypeError:
        return False
    return True
