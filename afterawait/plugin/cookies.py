"""Browsers say which test they ask for in cookies, which are renewed as each test begins. Test process.

Headers of its own would make a page's requests to other origins ask for leave, and a websocket sends none.
Playwright's objects alone: https://playwright.dev/python/docs/api/class-browsercontext#browser-context-add-cookies
"""

from __future__ import annotations

import asyncio
import weakref
from collections.abc import Awaitable, Callable, MutableMapping, Sequence
from typing import Any

from afterawait.plugin.test_id import running

type Renewal = Callable[[Any], object]


class Cookies:
    """The contexts that carry them. They are set for `origins`, and sent to every port of those hosts."""

    def __init__(self, origins: Sequence[str]) -> None:
        self._origins = origins
        self._contexts: MutableMapping[Any, Renewal] = weakref.WeakKeyDictionary()
        self._tasks: set[asyncio.Task[None]] = set()  # an event loop alone would let go of them

    def of_sync(self, context: Any) -> None:
        """A context of Playwright's sync API."""
        __tracebackhide__ = True
        _must_take(context)
        self._sync(context)
        self._keep(context, self._sync)

    def of_sync_page(self, page: Any) -> None:
        """A page's: all pages of a context share its cookies."""
        __tracebackhide__ = True
        self.of_sync(page.context)

    def of_async(self, context: Any) -> Awaitable[None]:
        """A context of its async API. It is on its way before anything that is sent later, awaited or not."""
        __tracebackhide__ = True
        _must_take(context)
        try:
            loop = asyncio.get_running_loop()
        except RuntimeError:
            raise TypeError(
                "identify() of Playwright's async API needs its event loop: call it in a coroutine, test or fixture."
            ) from None

        def renew(each: Any) -> None:  # the loop stands still between two tests; this is the first that it does then
            if not loop.is_closed():
                self._tasks.add(task := loop.create_task(self._renewed(each)))
                task.add_done_callback(self._tasks.discard)

        task = asyncio.Task(self._async(context), loop=loop, eager_start=True)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        self._keep(context, renew)
        return task

    def of_async_page(self, page: Any) -> Awaitable[None]:
        """A page's."""
        __tracebackhide__ = True
        return self.of_async(page.context)

    def renew(self) -> None:
        """Another test begins: contexts that live on are its own from here."""
        for context, renewal in list(self._contexts.items()):
            try:
                renewal(context)
            except Exception:  # it has been closed: nothing is sent any more
                self._contexts.pop(context, None)

    def _keep(self, context: Any, renewal: Renewal) -> None:
        if context not in self._contexts:
            self._contexts[context] = renewal
            if hasattr(context, "on") and hasattr(context, "pages"):  # a request context says nothing at its end
                context.on("close", lambda _=None: self._contexts.pop(context, None))

    def _sync(self, context: Any) -> None:
        context.add_cookies(self._now())

    async def _async(self, context: Any) -> None:
        await context.add_cookies(self._now())

    async def _renewed(self, context: Any) -> None:
        try:
            await self._async(context)
        except Exception:  # as above
            self._contexts.pop(context, None)

    def _now(self) -> list[dict[str, Any]]:
        members = running.members()
        return [
            {"name": name, "value": value, "url": origin, "httpOnly": True}
            for origin in self._origins
            for name, value in members.items()
        ]


def _must_take(context: Any) -> None:
    __tracebackhide__ = True
    if not hasattr(context, "add_cookies"):
        raise TypeError(
            "identify() needs a newer Playwright for a request context of its own: this one's takes no cookies.\n"
            "Write `playwright.request.new_context(extra_http_headers=identify())` in each test."
        )
