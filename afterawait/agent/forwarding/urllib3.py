"""urllib3's connection pools, through which requests sends. In measured processes."""

from __future__ import annotations

import functools
from types import ModuleType
from typing import Any

from afterawait.agent.forwarding import naming


def _patch(module: ModuleType) -> None:
    urlopen = module.HTTPConnectionPool.urlopen

    @functools.wraps(urlopen)
    def opens(self: Any, method: Any, url: Any, body: Any = None, headers: Any = None, *more: Any, **named: Any) -> Any:
        return urlopen(self, method, url, body, _named(self, headers), *more, **named)

    module.HTTPConnectionPool.urlopen = opens


def _named(pool: Any, headers: Any) -> Any:
    """The headers, or a copy of them with the test's name."""
    if pool.proxy is not None:
        return headers
    given = pool.headers if headers is None else headers
    names = [name for name in given or () if naming.text(name).lower() == naming.HEADER]
    present = ",".join(naming.text(given[name]) for name in names)
    value = naming.header(pool.scheme, pool.host, pool.port, present)
    if value is None:
        return headers
    copied = given.copy() if given else {}
    for name in names:
        copied.pop(name, None)  # a mapping may have one for several that differ in case
    copied[naming.HEADER] = value
    return copied


PATCHES = {"urllib3.connectionpool": _patch}
