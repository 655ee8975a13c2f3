"""What a run's processes left, gathered and combined into one data file. Driver process."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

import coverage
from coverage import CoverageData
from coverage.files import relative_filename

from afterawait import protocol
from afterawait.agent import canary
from afterawait.coverage_config import CoverageConfig
from afterawait.evidence.annotations import EvaluatedOnly
from afterawait.evidence.data_files import DataFile
from afterawait.faults import Interruption, MeasurementFault
from afterawait.judge.verdict import Verdict
from afterawait.mode import MeasurementMode
from afterawait.reports import contexts
from afterawait.reports.counted import Counted, nothing_measured
from afterawait.reports.measured import Measured
from afterawait.reports.unsaved_lines import UnsavedLines
from afterawait.runs import shards
from afterawait.runs.manifest import Manifest
from afterawait.runs.shards import Part
from afterawait.settings import Settings


@dataclass
class Gathered:
    """Everything that is whole, of one run or of several: data files, who ran what, what only the witness saved."""

    files: list[DataFile] = field(default_factory=list)
    credit: contexts.Credit = field(default_factory=dict)
    unsaved: UnsavedLines = field(default_factory=UnsavedLines)
    annotations: EvaluatedOnly = field(default_factory=EvaluatedOnly)
    parts: list[Part] = field(default_factory=list)
    served: bool = False
    """Whether a server did, in any of the runs."""

    @property
    def manifests(self) -> list[Manifest]:
        """What each run says of itself."""
        return [each.manifest for each in self.parts]

    def add(self, judged: Verdict, part: Part) -> None:
        """Take what one run left, which has been put under the names of this checkout."""
        self.parts.append(part)
        self.served |= bool(judged.served)
        self.files += judged.files
        contexts.add(self.credit, judged.witnesses)
        self.unsaved.add(judged)
        self.annotations.add(judged.annotations)

    def mode(self) -> MeasurementMode:
        """How these runs were measured: all in one way, else nothing is combined."""
        return self.manifests[0].mode() if self.manifests else MeasurementMode()

    def why_partial(self) -> str:
        """Why these runs do not add up to a whole one, "" if they do."""
        if not self.manifests:
            return "no run could be read"
        for each in self.manifests:
            if each.partial:
                return each.partial
        findings = shards.examine(self.parts)
        return findings[0].why if findings else ""

    def untrusted(self) -> bool:
        """Whether one of these runs has said itself that its measurement cannot be trusted: what it collected, say."""
        return any(isinstance(fault, MeasurementFault) for each in self.manifests for fault in each.tests_faults())

    def unserved_shards(self) -> str:
        """Why there was no server, for people, where these are shards and none had one; else ""."""
        if self.served or not self.parts or not all(each.manifest.shard for each in self.parts):
            return ""
        return ", ".join(each.why_unserved for each in self.parts)

    def cut_short(self) -> bool:
        """Whether one of these runs did not come to its end."""
        return not all(
            each.finished and not any(isinstance(fault, Interruption) for fault in each.tests_faults())
            for each in self.manifests
        )


def mixed_modes(manifests: Sequence[Manifest]) -> str:
    """How runs that were measured in different ways differ, "" where they do not: their data cannot be merged."""
    ways = {f"{each.core} {'with' if each.branch else 'without'} branches" for each in manifests}
    return " and ".join(sorted(ways)) if len(ways) > 1 else ""


def combine(settings: Settings, config: CoverageConfig, gathered: Gathered) -> coverage.Coverage:
    """`coverage combine` of whole data files into the configuration's one: no canary, with the tests' names."""
    target = config.data_file()
    target.parent.mkdir(parents=True, exist_ok=True)
    settings.state.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(dir=settings.state, prefix="combine-") as folder:
        cov = config.coverage(Path(folder) / "merged")
        paths = [str(each) for each in _under_names_here(cov, gathered.files, Path(folder))]
        cov.combine(paths, strict=True, keep=True)
        data = cov.get_data()
        if not any(map(data.lines, data.measured_files())):
            raise nothing_measured(", ".join(settings.source))
        if config.made:  # what nothing imported counts, where single files are measured too
            data.touch_files(list(Counted(settings, cov).files()))
        named = Path(folder) / "named"
        measured = Measured(data, gathered.mode(), _as_in_data(cov, gathered.annotations.lines()))
        contexts.write(measured, _as_in_data(cov, gathered.credit), named)
        data.close()
        draft = target.with_name(f"{target.name}-{os.getpid()}.tmp")
        try:
            shutil.copyfile(named, draft)
            draft.replace(target)
        finally:  # on a full disk, what an earlier run left in the target stays
            draft.unlink(missing_ok=True)
    cov = config.coverage(target)
    cov.load()
    return cov


def _under_names_here(cov: coverage.Coverage, files: Sequence[DataFile], folder: Path) -> Iterator[Path]:
    """The data files; of one whose process knew files by other names than this checkout does, a copy with these."""
    relative = bool(cov.get_option("run:relative_files"))
    for number, file in enumerate(files):
        wanted = {raw: relative_filename(name) if relative else name for raw, name in file.names.items()}
        if not file.left_out and all(raw == name or canary.is_measured_half(raw) for raw, name in wanted.items()):
            yield file.path
            continue
        wanted |= dict.fromkeys(file.left_out, protocol.CANARY)  # which goes where no report shows it
        place = folder / f"{protocol.DATA_FILE}.{number}"
        with closing(CoverageData(basename=str(file.path))) as data, closing(CoverageData(basename=str(place))) as copy:
            data.read()
            copy.update(data, map_path=wanted.__getitem__)
        yield place


def _as_in_data[T](cov: coverage.Coverage, by_file: dict[str, T]) -> dict[str, T]:
    """Files by the names that coverage.py keeps them under."""
    if not cov.get_option("run:relative_files"):
        return by_file
    return {relative_filename(name): lines for name, lines in by_file.items()}
