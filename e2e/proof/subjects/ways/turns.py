"""Tests that a program plays: what runs in one's turn is its. Measured process, not measured itself."""

import contextvars
import sys
import time

import oracle


def begin(name):
    """A context as a request of that test has it."""
    context = contextvars.Context()
    agent = sys.modules.get("afterawait.agent.startup")
    if agent is not None and agent.witness is not None:
        context.run(agent.witness.request, "GET", b"/", name)
    return context


def by_hand():
    """A context as a person's request has it, and what says that the request is over."""
    context = contextvars.Context()
    agent = sys.modules.get("afterawait.agent.startup")
    if agent is None or agent.witness is None:
        return context, lambda status: None
    return context, context.run(agent.witness.request, "GET", b"/", None)


def end_often(ended, over):
    """Say again and again that a request is over, and let others begin, until the event is set."""
    while not over.is_set():
        ended(200)
        by_hand()[1](200)
        time.sleep(0)


def sent(name):
    """A context as a request has it that says in its header which test it is of."""
    agent = sys.modules.get("afterawait.agent.startup")
    if agent is None:
        return begin(name)
    from afterawait.agent.witness import baggage

    return begin(baggage.test_id(baggage.header(name, "key").encode(), b"key"))


def take(context, name, call, *arguments):
    """Call something in a test's turn."""
    oracle._whose.append(name)
    try:
        return context.run(call, *arguments)
    finally:
        oracle._whose.pop()


def forget_all():
    """Set every ContextVar to None: what follows is nobody's."""
    oracle._whose[-1] = ""
    for each in contextvars.copy_context():
        each.set(None)


def let_go(kept, name):
    """Let things be finalised, whose lines are that test's."""
    oracle._whose.append(name)
    kept.clear()
    oracle._whose.pop()


async def work(consume, queue, name):
    """A test's task."""
    oracle._whose[-1] = name
    await consume(queue)
    oracle._whose[-1] = ""


async def received(queue, name):
    """What is taken from a queue, in that test's turn."""
    oracle._whose[-1] = ""
    word = await queue.get()
    oracle._whose[-1] = name
    return word
