"""The command behind scripts/bench.sh: what measuring costs, on this machine. Benchmark process."""

from __future__ import annotations

import contextlib
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from pathlib import Path

from afterawait import settings, signals
from afterawait.faults import ApplicationFault, EnvironmentFault, Fault, Interruption, Status, conclude
from afterawait.runs.folder import RunFolder
from afterawait.services.stack import ServiceStack
from afterawait.settings import Settings
from e2e import figures
from e2e.bench import bars, modes, options, results, scale, starting, suite, tables, written
from e2e.bench.load import ENDPOINTS
from e2e.bench.options import Options
from e2e.bench.results import Figures
from e2e.bench.rounds import Runner, everywhere, measure, running


def main(given_arguments: Sequence[str]) -> int:
    """Measure and print; returns the exit status."""
    given = options.parse(given_arguments)
    signals.Once()
    try:
        known = settings.load(Path.cwd())
        place = known.state / "bench"  # apart: servers of a benchmark must not hold up a run
        place.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=place, prefix="run-") as folder:
            _show(given, Bench(known, Path(folder), given))
    except Fault as fault:
        return conclude([fault])
    except RuntimeError as error:  # a request that was not answered as it should be
        hint = "Run scripts/e2e.sh first: the application may be broken."
        return conclude([ApplicationFault(f"{error}.", hint=hint)])
    except KeyboardInterrupt:
        return conclude([Interruption()])
    return Status.GOOD


def _show(given: Options, bench: Bench) -> None:
    """One part after another; each is written as soon as it is known."""
    found: dict[str, Figures] = {}
    if given.write:
        written.check(given.write)
    for part in given.parts:
        found[part] = getattr(bench, part)() | {"machine": results.machine(quick=given.quick)}
        _say("")
        if not given.json:
            told = [each.markdown() for each in tables.PARTS[part](found[part])]
            print("\n\n".join([*told, *map(str, bars.of(part, found[part]))]), end="\n\n", flush=True)
        if given.write:
            written.add(given.write, part, found[part])
    if given.json:
        print(figures.dumps(found))


class Bench:
    """The parts of the benchmark, by name; each returns its figures."""

    def __init__(self, known: Settings, folder: Path, given: Options) -> None:
        self._known = known
        self._folder = folder
        self._given = given

    def server(self) -> Figures:
        """CPU a request in each measurement mode, and what a client sees."""
        rounds, requests, starts = self._given.of_server
        with self._servers(self._given.modes, starts) as runners:
            measure(runners, ENDPOINTS, rounds, requests, _say)
            return results.server(runners, rounds, requests)

    def suite(self) -> Figures:
        """Wall time of the tests."""
        rounds, paths = self._given.of_suite
        return results.suite(suite.measure(self._known, self._part("suite"), rounds, paths, _say), rounds)

    def scale(self) -> Figures:
        """How a run's second half grows."""
        everywhere()
        return results.scale(scale.measure(self._part("scale"), scale.sizes(quick=self._given.quick), _say))

    def start(self) -> Figures:
        """Of a process with many files, and of the command."""
        everywhere()
        _say("starting")
        return asdict(starting.measure(self._part("start"), files=500 if self._given.quick else 5000))

    def _part(self, name: str) -> Path:
        folder = self._folder / name
        folder.mkdir()
        return folder

    @contextlib.contextmanager
    def _servers(self, names: Sequence[str] | None, starts: int) -> Iterator[list[Runner]]:
        folder = Path(tempfile.mkdtemp(dir=self._folder))
        every = modes.every(self._known, folder)
        if unknown := sorted(set(names or ()) - {each.name for each in every}):
            message = f"There is no measurement mode {', '.join(unknown)} here."
            raise EnvironmentFault(message, hint=f"Choose from: {', '.join(each.name for each in every)}.")
        chosen = [each for each in every if not names or each.name in {*names, "bare"}]
        stack = ServiceStack(self._known, RunFolder(folder), measured=False)
        try:
            stack.open()
            with running(stack, chosen, starts, _say, warm_up=20 if self._given.quick else 40) as runners:
                yield runners
        finally:
            stack.close()


def _say(text: str) -> None:
    if sys.stderr.isatty():
        print(f"\r\033[K{text}", end="", file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
