"""`afterawait run`: the tests in a process of their own, then judge, combine and report. Driver process."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from argparse import ArgumentTypeError
from pathlib import Path
from typing import Any, override

import click

from afterawait import protocol
from afterawait.arguments import shard

# With these pytest only says something: nothing is started, nothing is measured.
SAYING = {
    *("-V", "--version", "--co", "--collect-only", "--fixtures", "--fixtures-per-test", "--funcargs", "--markers"),
    *("--setup-plan", "--xkill", "--xshow", "--cache-show"),
}
SAYING_TOO = re.compile(r"-[lqsvx]*[hV][hVlqsvx]*")
"""Its short options in one word, -h or -V among them."""

WAITED = "With --collect: how long what was measured may take to come (60)."

EPILOG = """\b
examples:
  afterawait run                      everything; with two cores, two test processes
  afterawait run -k comments -x       any option or path of pytest: a selected run reports and never gates
  afterawait run --base-url http://127.0.0.1:8080 --collect drop
                                      a server in a container: docs/elsewhere.md

\b
exit status: 0 good, 1 a test failed or the application did, 2 coverage is under fail_under,
  3 the measurement cannot be trusted, 4 the environment is at fault, 130 interrupted
"""


def _settings_of_the_environment() -> str:
    from afterawait.settings import ENVIRONMENT

    return "\n".join(["\b", "environment:", *(f"  {name:<22} {text}" for name, text in ENVIRONMENT.items())])


class Command(click.Command):
    """`run`: whatever is no option of its own goes to pytest as it is, `--` and all behind it too."""

    @override
    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Split at `--`, which click would swallow. A lone -h asks us; among other options it is pytest's."""
        if args == ["-h"]:
            args = ["--help"]
        at = args.index("--") if "--" in args else len(args)
        ctx.meta["behind"] = args[at:]
        return super().parse_args(ctx, args[:at])

    @override
    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Examples and exit statuses, then the environment variables."""
        self.epilog = f"{EPILOG}\n{_settings_of_the_environment()}"
        super().format_epilog(ctx, formatter)


class Shard(click.ParamType):  # type: ignore[type-arg]  # older versions take none
    """I/N, as the plugin reads it: a wrong one is refused before pytest starts."""

    name = "I/N"

    @override
    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """The text as it is."""
        try:
            shard(value)
        except ArgumentTypeError as error:
            self.fail(str(error), param, ctx)
        return str(value)


def _name_server(url: str, folders: tuple[Path, ...]) -> None:
    """For this process and the test processes: the server that is driven, and where its data come to."""
    if url:
        os.environ[protocol.BASE_URL] = url
    os.environ.pop(protocol.COLLECT, None)
    if folders:
        os.environ[protocol.COLLECT] = os.pathsep.join(str(each.absolute()) for each in folders)


# No short option: with one, click would look for it in -xvs and the like.
@click.command(
    cls=Command, name="run", context_settings={"ignore_unknown_options": True, "help_option_names": ["--help"]}
)
@click.option("--fast", is_flag=True, help="Measure by sys.monitoring, at half the cost: lines alone, no branches.")
@click.option("--with-session", metavar="NAME", default="", help="Show beside the report what an explored session ran.")
@click.option("--workers", type=click.IntRange(min=1), metavar="N", help="uvicorn worker processes a server (1).")
@click.option(
    "--shard",
    "share",
    type=Shard(),
    metavar="I/N",
    help="Run the I-th of N shares; gates nothing, `combine` adds them up.",
)
@click.option("--shared-server", is_flag=True, help="With -n, one server for all test processes, and one database.")
@click.option(
    "--base-url", metavar="URL", default="", help="Drive a server that somebody else started, as AFTERAWAIT_BASE_URL."
)
@click.option(
    "--collect",
    "folders",
    multiple=True,
    type=click.Path(path_type=Path),
    metavar="PATH",
    help="Judge and report what that server writes into this folder, its AFTERAWAIT_DROP. May be given several times.",
)
@click.option("--collect-timeout", type=click.FloatRange(min=0), default=60.0, metavar="SECONDS", help=WAITED)
@click.option("--stop", default="", metavar="COMMAND", help="With --collect: what stops that server after the tests.")
@click.argument("pytest_arguments", nargs=-1, type=click.UNPROCESSED, metavar="[PYTEST'S OPTIONS AND PATHS]")
@click.pass_context
def command(  # noqa: PLR0913  # one a command-line option
    ctx: click.Context,
    fast: bool,
    with_session: str,
    workers: int | None,
    share: str | None,
    shared_server: bool,
    base_url: str,
    folders: tuple[Path, ...],
    collect_timeout: float,
    stop: str,
    pytest_arguments: tuple[str, ...],
) -> int:
    """Run the tests against a live, measured server; combine, report, gate.

    What is no option of this command is pytest's. With -n N there are N test processes (pytest-xdist), each with a
    server and a database of its own; with --shared-server they share one, and what one test writes others find.
    """
    ours = [f"--server-workers={workers}"] * (workers is not None) + [f"--afterawait-shard={share}"] * bool(share)
    ours += ["--afterawait-shared-server"] * shared_server
    for_pytest = [*pytest_arguments, *ctx.meta["behind"]]
    if any(each in SAYING or SAYING_TOO.fullmatch(each) for each in for_pytest):
        from afterawait.cli.pytest_process import PLUGIN

        done = subprocess.run([sys.executable, "-m", "pytest", *PLUGIN, *ours, *for_pytest], check=False)
        return protocol.ENVIRONMENT if done.returncode else protocol.GOOD
    from afterawait.signals import Interrupts

    _name_server(base_url, folders)
    interrupts = Interrupts()  # before anything heavy is imported
    try:
        from afterawait.cli import testing

        collecting = testing.Collecting(collect_timeout, stop)
        return testing.run(ours, for_pytest, interrupts, collecting, fast=fast, session=with_session)
    except KeyboardInterrupt:
        from afterawait.faults import Interruption, conclude

        return conclude([Interruption()])
