"""The command `afterawait`: its verbs, each in a module that is imported when it is called. Driver process."""

from __future__ import annotations

import difflib
import importlib
import os
import sys
from collections.abc import Sequence
from typing import override

import click

from afterawait import __version__, protocol

VERBS = {
    "init": "Look at a project, and write its settings and a first test.",
    "run": "Run the tests against a live, measured server; combine, report, gate.",
    "serve": "Start the live measured server for a person; Ctrl-C stops and reports.",
    "record": "Measure whatever a command of your own starts; Ctrl-C stops and reports.",
    "explore": "Explore a live server, and watch its lines light up on a page beside it.",
    "combine": "Judge, combine, report and gate what runs left: the last job of a sharded CI.",
    "doctor": "Whether coverage.py would measure this project right, without running its tests.",
    "who": "The tests that ran a line, a range, a function or a file in the last run.",
}


class Verbs(click.Group):
    """A group that imports a verb's module when the verb is called."""

    @override
    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(VERBS)

    @override
    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in VERBS:
            return None
        command: click.Command = importlib.import_module(f"afterawait.cli.{cmd_name}").command
        return command

    @override
    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if args[0] not in VERBS and not ctx.resilient_parsing:
            near = difflib.get_close_matches(args[0], VERBS, n=1)
            ctx.fail(f"No such command {args[0]!r}." + "".join(f" Did you mean {each!r}?" for each in near))
        return super().resolve_command(ctx, args)

    @override
    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl(list(VERBS.items()))


@click.group(cls=Verbs, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="afterawait")
def group() -> None:
    """End-to-end tests of a live server, with coverage you can believe past every await."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; returns the exit status. A wrong command line is 4: click's own 2 means "under a gate"."""
    if sys.platform == "win32":
        print(protocol.NOT_ON_WINDOWS, file=sys.stderr)
        return protocol.ENVIRONMENT
    try:
        status = group.main(arguments, prog_name="afterawait", standalone_mode=False)
    except click.ClickException as error:
        error.show()
        return protocol.ENVIRONMENT
    except (click.Abort, KeyboardInterrupt):
        return protocol.INTERRUPTED
    except BrokenPipeError:  # `| head` has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return protocol.GOOD
    return int(status or 0)


if __name__ == "__main__":
    sys.exit(main())
