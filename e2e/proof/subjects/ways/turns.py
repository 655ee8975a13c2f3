"""Tests that a program plays: what runs in one's turn is its. Measured process, not measured itself."""

import contextvars
import sys

import oracle


def begin(name):
    """A context as a request of that test has it."""
    context = contextvars.Context()
    agent = sys.modules.get("afterawait.agent.startup")
    if agent is not None and agent.witness is not None:
        context.run(agent.witness.request, "GET", b"/", name)
    return context


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
