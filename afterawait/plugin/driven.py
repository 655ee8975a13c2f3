"""The session that `afterawait run` started: measured, and written down in the run's manifest. Test process.

With pytest-xdist the controller opens the databases, and each worker attaches to them.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Generator
from pathlib import Path
from typing import Any, NoReturn, override

import pytest

from afterawait import protocol
from afterawait.agent import startup
from afterawait.faults import EnvironmentFault, Fault, MeasurementFault
from afterawait.plugin import interruption, preflight_answer, selection, uncollected
from afterawait.plugin.lifecycle import LiveSession
from afterawait.plugin.others_server import must_answer
from afterawait.runs.folder import RunFolder
from afterawait.runs.manifest import CUT_SHORT


class DrivenSession(LiveSession):
    """One whose end a driver waits for: it stands in the folder of the run."""

    driven = True

    def __init__(self, config: pytest.Config) -> None:
        worker = getattr(config, "workerinput", {})
        # The driver started pytest in the project's root.
        super().__init__(config, Path(worker.get("afterawait_root", config.invocation_params.dir)))
        self.run = RunFolder(Path(worker.get("afterawait_run") or os.environ[protocol.RUN]))
        self.partial = CUT_SHORT
        self.finished = False
        self.note = ""
        self._prepared = False
        self._uncollected: list[pytest.CollectReport] = []
        self.shard: tuple[int, int] | None = None
        self._divided: dict[str, Any] = {}  # of a shard, what the manifest says of its tests

    @override
    def open(self) -> None:
        try:
            self._begin()
        except Fault as fault:
            self.give_up(fault)

    def _begin(self) -> None:
        """Take the run over from the driver; a worker attaches to the controller's databases."""
        startup.note(role=protocol.XDIST_WORKER if self.worker else protocol.RUNNER)
        self.stack = self._new_stack(self.run, measured=True)
        self.interrupts.install()  # Ctrl-C is let in only now that it is known what there is to end
        interruption.follow_driver()
        self._refuse_another_url()
        self.shard = selection.shard_of(self.config)
        if not self.settings.measures:
            must_answer(self.settings)
        elif self.settings.base_url:
            pass  # the driver has looked
        elif self.worker is not None:
            self.stack.attach(self.worker["afterawait_databases"])

    def _refuse_another_url(self) -> None:
        url = self.other_url().rstrip("/")
        if url and url != self.settings.base_url:
            raise EnvironmentFault(
                f"pytest is told to use another server than the run's: {url}.",
                hint=f"Leave that out (of PYTEST_BASE_URL, or behind --), or write: afterawait run --base-url {url}",
            )

    @override
    def prepare(self) -> None:
        """Open the databases, when the driver's checks have found nothing; a worker is attached to them already."""
        if self.settings.base_url or self.worker is not None or self._prepared:
            return
        self._prepared = True
        began = time.perf_counter()
        self.note = preflight_answer.await_permission(self.run, self.settings.start_timeout)
        self.seconds["checks"] = time.perf_counter() - began  # beyond what pytest itself needed
        if self.stack is not None:
            self.stack.open()

    @override
    def give_up(self, fault: Fault) -> NoReturn:
        """The driver says at the end what went wrong; pytest would print it a second time."""
        self.fault(fault)
        reason = "the session cannot begin; why is said at the end"
        pytest.exit(reason, returncode=pytest.ExitCode.INTERNAL_ERROR)

    @pytest.hookimpl(wrapper=True)
    def pytest_collection(self) -> Generator[None, object, object]:
        """A path that is not there is told apart from an option that pytest does not know."""
        try:
            return (yield)
        except pytest.UsageError as error:
            self.fault(uncollected.of_path(error))
            raise

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        """Remember what could not be collected; pytest-xdist's controller hears of it from its workers."""
        if report.failed:
            self._uncollected.append(report)

    @pytest.hookimpl(optionalhook=True)
    def pytest_configure_node(self, node: Any) -> None:
        """Tell an xdist worker where the run and its databases are, which are opened for the first of them."""
        try:
            self.prepare()
        except Fault as fault:
            self.give_up(fault)
        node.workerinput["afterawait_root"] = str(self.root)
        node.workerinput["afterawait_run"] = str(self.run.path)
        if self.stack is not None and not self.settings.base_url:
            node.workerinput["afterawait_databases"] = self.stack.databases.address()

    @override
    def lost(self, worker: str) -> None:
        message = f"The test process {worker} ended without a word."
        self.fault(MeasurementFault(message, hint="Look above for what it ran last; its data are lost."))

    @pytest.hookimpl(tryfirst=True)
    def pytest_keyboard_interrupt(self) -> None:
        """The interruption has arrived: a repeated one by the driver is not needed."""
        self.interrupts.ending = True

    @override
    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionfinish(self, session: pytest.Session, exitstatus: int) -> None:
        """Keep for the manifest, too, whether all was run."""
        super().pytest_sessionfinish(session, exitstatus)
        self.finished = exitstatus != pytest.ExitCode.INTERNAL_ERROR  # given up, say
        self._note_share(session)
        if self._uncollected and self.worker is None:
            self.fault(uncollected.of_reports(self._uncollected))
        if not self.finished or exitstatus == pytest.ExitCode.INTERRUPTED or session.shouldfail or session.shouldstop:
            self.partial = CUT_SHORT
        elif not self.settings.measures:
            self.partial = "the server was started by somebody else"
        else:
            self.partial = selection.why_partial(self.config, self.settings.pytest_options)

    def _note_share(self, session: pytest.Session) -> None:
        """Keep which tests this shard had; pytest-xdist's controller collects none, and hears of them from a worker."""
        if not self._uncollected:
            self._divided |= selection.divided(self.config, getattr(session, "items", ()))
        if self.worker is not None:
            self.config.workeroutput["afterawait_divided"] = self._divided  # type: ignore[attr-defined]

    @override
    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node: Any) -> None:
        super().pytest_testnodedown(node)
        self._divided |= getattr(node, "workeroutput", {}).get("afterawait_divided", {})

    @override
    @pytest.hookimpl(trylast=True)
    def pytest_unconfigure(self) -> None:
        super().pytest_unconfigure()
        if self.worker is None:
            self._write_manifest()

    def _write_manifest(self) -> None:
        """Write down for the driver how it went."""
        manifest = self.run.manifest()
        manifest.partial = self.partial
        manifest.finished = self.finished
        manifest.faults = self.faults
        manifest.seconds = self.seconds
        manifest.verbosity = self.config.option.verbose
        manifest.shard = self.shard
        manifest.divided_of = self._divided.get("divided_of")
        manifest.share = self._divided.get("share")
        try:
            self.run.write_manifest(manifest)
        except Fault as fault:
            print(fault, file=sys.stderr)
