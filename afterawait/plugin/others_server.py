"""A server of somebody else's, which tests are to run against. Test process, xdist worker."""

from __future__ import annotations

from afterawait import settings
from afterawait.faults import EnvironmentFault


def must_answer(known: settings.Settings) -> None:
    """Raise EnvironmentFault unless a server that speaks HTTP is at `base_url`; any status will do."""
    import httpx

    from afterawait.agent.witness import baggage
    from afterawait.services.environment import run_key, take_key_of

    url = known.base_url or ""
    take_key_of(known)
    try:
        httpx.get(url, timeout=10, headers={"baggage": baggage.header("(is a server there?)", run_key())})
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise EnvironmentFault(
            f"The tests are to run against {url}, and no server answers there: {error}.",
            hint="Start that server, or unset AFTERAWAIT_BASE_URL: the tests then get a server of their own.",
        ) from None
