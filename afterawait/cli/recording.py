"""What `afterawait record` does with its command: databases, start, watch, end. Driver process."""

from __future__ import annotations

import contextlib
import subprocess
import sys
import time

from afterawait import terminal
from afterawait.faults import ApplicationFault, Fault
from afterawait.preflight.checks import must_pass
from afterawait.protocol import StopBudget
from afterawait.runs.folder import RunFolder
from afterawait.services.command import runnable, started
from afterawait.services.command_tree import CommandTree
from afterawait.services.deaths import at_stop, ending
from afterawait.services.stack import ServiceStack
from afterawait.settings import Settings
from afterawait.signals import Once

PAUSE = 0.1


def record(settings: Settings, run: RunFolder, interrupts: Once) -> list[Fault]:
    """Run the command until it has ended, or somebody asks for its end; returns what is wrong with how it went.

    Raises Fault where it cannot be started, KeyboardInterrupt before it was.
    """
    stack = ServiceStack(settings, run, measured=True)
    try:
        must_pass(settings, run)
        stack.open()
        return _run(settings, run, stack, interrupts)
    finally:
        stack.close()


def _run(settings: Settings, run: RunFolder, stack: ServiceStack, interrupts: Once) -> list[Fault]:
    words, variables = stack.command("main")
    words = started(words, variables)
    for service in stack.beside.processes:
        terminal.say("beside", service.line)
    terminal.say("recording", f"{settings.server}   Ctrl-C ends it and reports")
    # In a group of its own: Ctrl-C is for this process, which ends the command in order.
    stdin = subprocess.DEVNULL if sys.stdin is None or sys.stdin.isatty() else None
    began = time.time()
    with runnable(words[0]):
        process = subprocess.Popen(words, env=variables, cwd=settings.root, stdin=stdin, process_group=0)
    tree = CommandTree(run, process.pid, began)
    code: int | None = None
    faults: list[Fault] = []
    try:
        code = _watch(process, tree, stack, interrupts)
    except KeyboardInterrupt:
        print()
        terminal.say("stopping", "the processes save their data ...")
    except Fault as fault:
        faults.append(fault)
    tree.end(StopBudget(settings.grace).server)
    process.wait()
    for each in tree.notes:
        terminal.say("stopped", each)
    faults += [wrong for each in stack.everything if (wrong := at_stop(each)) is not None]
    if code:
        message = f"The command ended with {ending(code)}."
        faults.append(ApplicationFault(message, hint="Read its last lines above."))
    if failures := tree.shutdown_failures():
        message = f"The application failed in its shutdown: {'; '.join(failures)}"
        faults.append(
            ApplicationFault(message, hint="Its traceback is above: fix what its lifespan does when it ends.")
        )
    return faults


def _watch(process: subprocess.Popen[bytes], tree: CommandTree, stack: ServiceStack, interrupts: Once) -> int:
    """Until the command ends; say where it serves as soon as it does."""
    said = False
    while (code := process.poll()) is None:
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(PAUSE)
        interrupts.look()
        stack.look()
        tree.look()
        serving = {each.pid for each in tree.records() if each.served} if not said else set()
        if serving and (addresses := tree.listening(serving)):
            said = True
            terminal.say("serving", "  ".join("http://{}:{}".format(*each) for each in addresses))
    return code
