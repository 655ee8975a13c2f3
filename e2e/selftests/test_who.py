"""scripts/who.sh: the tests that ran a line, a range, a function, a file. Test process."""

from __future__ import annotations

import json

import pytest

from afterawait.evidence import recordings
from e2e.selftests.project import Project
from e2e.selftests.witnessed import line

TESTS = "tests/test_toy.py::test_"
MAIN = "toy/main.py"


@pytest.mark.lowest
def test_every_way_to_ask(finished: Project) -> None:
    """A line, a range, a function, a file; for people and for machines."""
    doubling = line("number *= 2")

    one = finished.run(f"{MAIN}:{doubling}", module="who")
    several = finished.run(f"{MAIN}:{doubling - 1}-{doubling}", module="who")
    function = finished.run("toy.main:in_thread", module="who")
    whole = finished.run(MAIN, module="who")
    machine = finished.run("--json", f"{MAIN}:{doubling - 1}-{doubling}", module="who")

    assert one.output.splitlines() == [
        f"{doubling:>5}       1          number *= 2",
        "",
        f"1 test ran {MAIN}:{doubling}:",
        "     1  tests/test_toy.py",
        "        test_double",
    ]
    assert several.output.splitlines() == [
        "        tests  a b",
        f'{doubling - 1:>5}       2  x x     if "double" in query:',
        f"{doubling:>5}       1  . x         number *= 2",
        "",
        f"2 tests ran {MAIN}:{doubling - 1}-{doubling}:",
        "     2  tests/test_toy.py",
        "        a test_count",
        "        b test_double",
    ]
    assert function.output.splitlines()[-1:] == ["        test_thread"]
    assert f"{line('route = {'):>5}       3      route = {{" in whole.output
    assert f"{line('import asyncio'):>5}   start  import asyncio" in whole.output
    assert json.loads(machine.output)["lines"] == {
        str(doubling - 1): [f"{TESTS}count", f"{TESTS}double"],
        str(doubling): [f"{TESTS}double"],
    }
    assert {each.status for each in (one, several, function, whole, machine)} == {0}


def test_a_whole_file_for_a_machine(finished: Project) -> None:
    """Only lines that it has; start-up's apart."""
    told = json.loads(finished.run("--json", MAIN, module="who").output)

    assert told["last"] == len((finished.root / MAIN).read_text().splitlines())
    assert told["lines"][str(line("number *= 2"))] == [f"{TESTS}double"]
    assert line("import asyncio") in told["startup"]


def test_lines_are_pythons_and_an_empty_file_has_none(project: Project) -> None:
    """A form feed or U+2028 ends no line of Python."""
    project.write("toy/__init__.py", "")
    project.replace("toy/main.py", "import asyncio\n", "# \x0c \u2028 \x85\nimport asyncio\n")
    assert project.run().status == 0

    shown = project.run(MAIN, module="who").output
    empty = project.run("toy/__init__.py", module="who")

    assert f"{line('import asyncio') + 1:>5}   start  import asyncio" in shown
    assert empty.status == 0, empty.output


def test_many_tests_are_a_column_a_file_with_the_largest_first(project: Project) -> None:
    """Thirteen columns would be too many: of each file it is said how many of its tests ran a line."""
    many = "import pytest\n\n@pytest.mark.parametrize('n', range(12))\ndef test_many(http, n):\n"
    project.write("tests/test_many.py", many + "    http.get('/count')\n")
    assert project.run().status == 0
    doubling = line("number *= 2")

    shown = project.run(f"{MAIN}:{doubling - 1}-{doubling}", module="who").output.splitlines()

    assert shown[:3] == [
        "        tests   a  b",
        f'{doubling - 1:>5}      14  12  2     if "double" in query:',
        f"{doubling:>5}       1   .  1         number *= 2",
    ]
    assert shown[4] == f"14 tests of 2 files ran {MAIN}:{doubling - 1}-{doubling}:"
    assert shown[5] == "    12  a tests/test_many.py"


def test_the_lines_that_no_test_reached(project: Project) -> None:
    """By file and function, what never ran apart from what ran for no test; also of one file, and for a machine."""
    project.write("toy/other.py", "def unused():\n    return 1\n\n\ndef exempt():  # pragma: no cover\n    return 2\n")
    project.replace("tests/test_toy.py", "/count?double=1", "/count?")
    project.replace("tests/test_toy.py", '"2"', '"1"')
    ended = project.run()
    assert ended.status == 2, ended.output

    every = project.run("--unreached", module="who")
    one = project.run("--unreached", "toy/other.py", module="who")
    machine = project.run("--unreached", "--json", module="who")

    lifespan, doubling = line("async def lifespan") + 1, line("number *= 2")
    assert every.status == 0, every.output
    assert f"  {doubling:>5}  never    count" in every.output
    assert f"  {lifespan}-{lifespan + 3}  no test  lifespan" in every.output
    assert one.output.splitlines() == [
        "toy/other.py",
        "  1  never",
        "  2  never    unused",
        "",
        "2 of 2 statements never ran.",
    ]
    assert json.loads(machine.output)["files"][MAIN]["never"] == [doubling]


def test_that_every_line_was_reached_is_said(finished: Project) -> None:
    """But for what a server runs for no test. The run's data stay as they are."""
    before = (finished.root / ".coverage").read_bytes()

    every = finished.run("--unreached", module="who")

    assert every.status == 0, every.output
    assert (finished.root / ".coverage").read_bytes() == before
    assert every.output.splitlines()[-1].startswith("0 of ")


def test_a_damaged_witness_file_is_named_beside_the_answer(judged: Project) -> None:
    """What the others saw is still an answer; it lacks something, and says so."""
    for path in judged.run_folder.glob("witness-*.bin"):
        if recordings.read(path).role == "runner":
            path.write_bytes(b"")

    ended = judged.run(f"{MAIN}:{line('number *= 2')}", module="who")

    assert ended.status == 3, ended.output
    assert "test_double" in ended.output
    assert "it is empty" in ended.output


@pytest.mark.parametrize(
    ("place", "status", "sentence"),
    [
        pytest.param("toy/nowhere.py:1", 4, "toy/nowhere.py is no file here.", id="no such file"),
        pytest.param("toy/main.py:999", 4, "lines, and none of them is 999.", id="no such line"),
        pytest.param("toy/main.py:0", 4, "0 names no lines.", id="line 0"),
        pytest.param("toy/main.py:9-3", 4, "9-3 names no lines.", id="backwards"),
        pytest.param("toy.main:nothing", 4, "defines no nothing.", id="no such function"),
        pytest.param("toy.nowhere:nothing", 4, "is no file and no module here.", id="no such module"),
        pytest.param("tests/test_toy.py:1", 4, "was imported by no process", id="not measured"),
        pytest.param("", 4, "is no file here.", id="nothing"),
        pytest.param("x" * 400, 4, "is no file here.", id="too long"),
    ],
)
def test_a_place_that_is_none(finished: Project, place: str, status: int, sentence: str) -> None:
    """One sentence on what is wrong with it."""
    ended = finished.run(place, module="who")

    assert ended.status == status, ended.output
    assert sentence in ended.output
    assert "Traceback" not in ended.output


def test_a_file_that_has_changed_since(judged: Project) -> None:
    """Its lines have moved: an answer would be a wrong one."""
    judged.write(MAIN, "\n" + (judged.root / MAIN).read_text())

    ended = judged.run(f"{MAIN}:5", module="who")

    assert ended.status == 3, ended.output
    assert "has changed since that run" in ended.output


def test_before_the_first_run(project: Project) -> None:
    """There is nobody to ask yet."""
    ended = project.run(f"{MAIN}:5", module="who")

    assert ended.status == 4, ended.output
    assert "Run `afterawait run` first." in ended.output
