"""Annotations are code of their own from Python 3.14 on: to evaluate them is not to run their lines. Test process."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from contextlib import closing
from pathlib import Path

import pytest
from coverage import CoverageData

from afterawait.evidence import recordings
from afterawait.evidence.annotations import EvaluatedOnly
from e2e.selftests.project import TOYS, Ended, Project
from e2e.selftests.toy_projects import Toy, report
from e2e.selftests.witnessed_place import Place

DEFERRED = sys.version_info >= (3, 14)
deferred = pytest.mark.skipif(not DEFERRED, reason="before Python 3.14 annotations are evaluated as their line runs")

MODELS = TOYS / "annotations/shop/models.py"


def lines_with(text: str, name: str = "models") -> set[int]:
    """The lines of one of the shop's modules that hold `text`."""
    source = (MODELS.parent / f"{name}.py").read_text(encoding="utf-8").splitlines()
    return {number for number, line in enumerate(source, 1) if text in line}


def missing(project: Project) -> dict[str, set[int]]:
    """The lines that the reports call missing, by module of the shop."""
    files = report(project)
    return {Path(name).stem: set(each["missing_lines"]) for name, each in files.items() if each["missing_lines"]}


def are_named_as_not_run(ended: Ended, names: Iterable[str]) -> None:
    """The run says which lines did not run and do not count; without any it is silent."""
    assert ("did not run: only annotations were evaluated there; not counted" in ended.output) == bool(names)
    for each in names:
        assert each in ended.output


@pytest.mark.parametrize("options", [[], ["--fast"]], ids=["default", "fast"])
def test_lines_whose_annotations_were_evaluated_did_not_run_by_that(toy: Toy, options: list[str]) -> None:
    """At start-up, in a request, before a fork: a sound run is believed, and shows no false cover."""
    project = toy("annotations")

    ended = project.run(*options)

    assert ended.status == 0, ended.output
    assert missing(project) == {"models": lines_with("# never"), "texts": lines_with("# never", "texts")}
    numbers = ", ".join(map(str, sorted(lines_with("# never"))))
    are_named_as_not_run(ended, [f"shop/models.py: {numbers}"] if DEFERRED and not options else [])


@deferred
def test_a_loss_among_annotations_is_still_found(toy: Toy) -> None:
    """Whichever recorder lost the line; one that the witness alone lost, and evaluated, is never called run."""
    project = toy("annotations")
    assert project.run().status == 0
    run = project.run_folder
    [ran], [code] = lines_with("name: str"), lines_with("return amount")
    kept = {path: path.read_bytes() for path in [*run.glob(".coverage.*"), *run.glob("witness-*.bin")]}
    found, denied = {}, {}

    for lost, line in (("witness", ran), ("witness", code), ("coverage", ran)):
        for path, content in kept.items():
            path.write_bytes(content)
        (take_from_witnesses if lost == "witness" else take_from_data)(run, line)
        found[lost, line] = project.run(str(run), module="combine")
        denied[lost, line] = missing(project)["models"]

    evaluated = found["witness", ran]
    assert evaluated.status == 0, evaluated.output
    are_named_as_not_run(evaluated, [f"shop/models.py: {ran}, "])
    assert denied["witness", ran] == {ran} | lines_with("# never")
    assert found["witness", code].status == 3, found["witness", code].output
    assert "The witness lacks lines that coverage.py recorded" in found["witness", code].output
    assert found["coverage", ran].status == 3, found["coverage", ran].output
    assert "coverage.py lost lines that ran" in found["coverage", ran].output


def take_from_witnesses(run: Path, line: int) -> None:
    """Let no witness of a run have seen a line of models.py run."""
    for path in run.glob("witness-*.bin"):
        witness = recordings.read(path)
        data = bytearray(witness.data)
        for block in witness.blocks:
            if witness.files[block.file].name.endswith("models.py") and block.length > line:
                data[block.start + line] = 0
        path.write_bytes(data)


def take_from_data(run: Path, line: int) -> None:
    """Let no data file of a run hold a line of models.py."""
    for path in run.glob(".coverage.*"):
        old = CoverageData(basename=str(path))
        old.read()
        with closing(old):
            arcs = {name: old.arcs(name) or [] for name in old.measured_files()}
        path.unlink()
        with closing(CoverageData(basename=str(path))) as new:
            new.add_arcs(
                {
                    name: [arc for arc in of if not (name.endswith("models.py") and line in arc)]
                    for name, of in arcs.items()
                }
            )


@deferred
def test_the_witness_keeps_evaluations_apart_from_what_ran(place: Place) -> None:
    """Lambdas in annotations run as any code does; a code object that is evaluated again is still known."""
    place.source("models.py", MODELS.read_text(encoding="utf-8"))

    place.python("""
        import models
        from typing import get_type_hints
        for _ in range(2):
            hints = get_type_hints(models.AtStart, include_extras=True)
        print(hints["price"].__metadata__[0](2))
    """)

    [witness] = place.witnesses()
    [ran], [evaluated] = witness.lines.values(), witness.annotations.values()
    assert lines_with("name: str") <= ran & evaluated
    assert lines_with("extra: int") <= evaluated - ran
    assert lines_with("# lambda") <= ran - evaluated
    assert not evaluated & lines_with("amount")


@deferred
def test_a_forked_child_is_known_to_have_its_parents_evaluations(place: Place) -> None:
    """What it evaluates itself lies in a file of its own; what its parent did is not evaluated anew for the witness."""
    place.source("models.py", MODELS.read_text(encoding="utf-8"))

    place.python("""
        import os, models
        from typing import get_type_hints
        get_type_hints(models.AtStart)
        if not os.fork():
            get_type_hints(models.AtStart)
            get_type_hints(models.Asked)
            os._exit(0)
        os.wait()
    """)

    parent, child = sorted(place.witnesses(), key=lambda each: not each.lines)  # the child ran none of its own
    assert lines_with("extra: int") <= set(*parent.annotations.values())
    assert set(*child.annotations.values()) >= lines_with("spanning")
    assert not set(*child.annotations.values()) & lines_with("extra: int")


def test_a_line_that_ran_in_one_process_counts_though_another_only_evaluated_it() -> None:
    """Over processes and shards, whatever their order; a process whose data are lost does not vouch for a line."""
    evaluating, running, both = EvaluatedOnly(), EvaluatedOnly(), EvaluatedOnly()
    evaluating.add_process({"a.py": {1, 2, 3}}, {"a.py": {2, 3}, "b.py": {9}}, {"a.py": {1}})
    running.add_process({"a.py": {1, 2}}, {}, {"a.py": {1, 2, 3}})

    for each in (evaluating, running):
        both.add(each, named=lambda name: f"here/{name}")

    assert evaluating.lines() == {"a.py": {2, 3}}
    assert both.lines() == {"here/a.py": {3}}
