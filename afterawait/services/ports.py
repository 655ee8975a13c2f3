"""Ports of 127.0.0.1 for servers. Test process, or a driver."""

from __future__ import annotations

import socket

from afterawait.faults import EnvironmentFault


def bind(port: int = 0) -> socket.socket:
    """A socket bound to 127.0.0.1 and not listening. Raises EnvironmentFault where `port` is taken or forbidden."""
    sock = socket.socket()
    try:
        # Always: a server that takes the place of a dead one finds connections to that one still half open.
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        sock.bind(("127.0.0.1", port))
    except OSError as error:
        sock.close()
        raise EnvironmentFault(
            f"Port {port} of 127.0.0.1 cannot be used: {error.strerror}.",
            hint="Free it, or leave AFTERAWAIT_PORT unset: a free port is then taken.",
        ) from None
    return sock


def is_free(port: int) -> bool:
    """Whether the port can be bound: a dead supervisor's workers hold it until they have ended as well."""
    try:
        bind(port).close()
    except EnvironmentFault:
        return False
    return True


def free_port() -> int:
    """One that nobody has now."""
    with bind() as sock:
        return int(sock.getsockname()[1])
