"""Work that OpenTelemetry's context says is a test's: a worker has no request that could name it. Measured processes.

Whoever takes a job from a queue attaches the context that came with it, as OpenTelemetry's instrumentations do:
`attach(propagate.extract(headers))`. Where its baggage names a test of this run, what follows is credited to that
test, until the context is detached.
"""

from __future__ import annotations

import functools
import os
import sys
from collections.abc import Mapping
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any

from afterawait import protocol
from afterawait.agent import imports
from afterawait.agent.record import complain
from afterawait.agent.witness import baggage
from afterawait.agent.witness.attribution import Row, current

if TYPE_CHECKING:
    from afterawait.agent.witness.monitor import Witness

_entered: ContextVar[tuple[tuple[Any, Row], ...]] = ContextVar("afterawait_entered", default=())
"""Of each context that was attached and names a test: its token, and whom was credited before."""


def begin(witness: Witness) -> None:
    """Follow contexts from here on. Raises nothing."""
    imports.after({"opentelemetry.context": functools.partial(_patch, witness=witness)})


def _patch(module: Any, witness: Witness) -> None:
    attach, detach = module.attach, module.detach

    @functools.wraps(attach)
    def attaches(context: Any) -> Any:
        token = attach(context)
        try:
            _enter(witness, context, token)
        except Exception as error:
            complain("a context is credited to no test", error)
        return token

    @functools.wraps(detach)
    def detaches(token: Any) -> None:
        detach(token)
        _leave(token)

    module.attach, module.detach = attaches, detaches


def _enter(witness: Witness, context: Mapping[str, Any], token: Any) -> None:
    test = _test(context)
    if test is None:
        return
    before = current.get()
    if test == baggage.UNREADABLE and before is witness.attribution.overflow:
        return  # counted already: a context is attached for each span
    witness.work(test)
    if current.get() is not before:
        _entered.set((*_entered.get(), (token, before)))


def _leave(token: Any) -> None:
    entered = _entered.get()
    if entered and entered[-1][0] is token:
        current.set(entered[-1][1])
        _entered.set(entered[:-1])


def _test(context: Mapping[str, Any]) -> str | None:
    """The test that a context's baggage names; None where it names none of this run."""
    known = sys.modules.get("opentelemetry.baggage")
    if known is None:
        return None  # nobody can have put any into it
    members = known.get_all(context)
    key = os.environ.get(protocol.KEY)
    if not key or members.get(baggage.RUN.decode()) != key:
        return None
    test = members.get(baggage.TEST.decode())
    if not isinstance(test, str) or not test:
        return None
    return test if test.isprintable() and not baggage.is_too_long(test) else baggage.UNREADABLE
