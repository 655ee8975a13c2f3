"""Tests of other people: their clients, classes, plugins and ids. Each is credited with its own lines, and no other.

The toy `clients` has a line for each of its tests, which returns that test's name.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

import pytest

from e2e.selftests.browsing import CHROMIUM
from e2e.selftests.project import ALL_PLUGINS, Ended, Project

PLACE = re.compile(r'^ +return "(\w+)"$', re.MULTILINE)
FIXTURES = {"set_up", "teardown", "module_set_up", "module_teardown"}
TOO_LONG = "too_long_id"
UNNAMED = "2 tests, 2 requests with an id that is not printable, over 4,096 bytes as it is sent, or in baggage"

Credit = dict[str, set[str]]


@pytest.fixture(scope="module")
def started(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Project]:
    """The toy, for everybody here: each measures it anew."""
    project = Project(tmp_path_factory.mktemp("clients") / "a project", toy="clients")
    yield project
    project.close()


def who(project: Project, *files: str) -> Credit:
    """The tests that each of the toy's lines is credited to, by what the line returns."""
    found: Credit = {}
    for name in files or ("service/main.py", "service/inside.py"):
        lines = json.loads(project.run("--json", name, module="who").output)["lines"]
        text = (project.root / name).read_text(encoding="utf-8")
        for place in PLACE.finditer(text):
            number = str(text.count("\n", 0, place.start()) + 1)
            found.setdefault(place[1], set()).update(lines.get(number, []))
    return found


def function(test: str) -> str:
    """Of a test's id."""
    return test.partition("[")[0].rpartition("::")[2]


def wrong(credit: Credit, *, asked: str) -> Credit:
    """The lines that are credited to another test than theirs, or to more or less of them; `asked` of these names."""
    own = {name: tests for name, tests in credit.items() if re.match(asked, name)}
    assert own
    return {name: tests for name, tests in own.items() if {function(each) for each in tests} != {name}}


@pytest.fixture(scope="module")
def in_turn(started: Project) -> tuple[Ended, Credit]:
    """All tests but those with a browser, one after the other in the order in which they are written."""
    ended = started.run("-p", "no:randomly", env=ALL_PLUGINS)
    return ended, who(started)


def test_each_test_is_credited_with_its_own_lines(in_turn: tuple[Ended, Credit]) -> None:
    """Of httpx, requests, aiohttp, websockets and urllib; in classes of unittest; run again, in parts, in threads."""
    ended, credit = in_turn

    assert ended.status == 0, ended.output
    assert not wrong(credit, asked="test_(?!.*(page|kept|request_context|async_request|outside))")


def test_ids_of_every_kind_arrive(in_turn: tuple[Ended, Credit]) -> None:
    """As pytest has them, with what is not printable escaped."""
    _, credit = in_turn

    ids = {test.partition("[")[2].removesuffix("]") for test in credit["test_id"]}
    assert ids == {
        *("a/b", "a b", "\xe4", "\u65e5\u672c/ \xe9", "a@b", "a::b", "a[b]", "a%2Fb", "a,b=c;d", "a+b", r"\u000a"),
    }
    [longest] = credit["test_longest_id"]
    assert longest.endswith(f"{'x' * 4000}]")


def test_an_id_that_others_would_drop_is_counted_and_said(in_turn: tuple[Ended, Credit]) -> None:
    """One byte more than OpenTelemetry passes on, and 540,000."""
    ended, credit = in_turn

    assert credit[TOO_LONG] == {"(overflow)"}
    assert f"unnamed      {UNNAMED} of over 8,192: their lines are under (overflow)" in ended.output


def test_what_a_fixture_runs_is_credited_to_the_test_that_runs_then(in_turn: tuple[Ended, Credit]) -> None:
    """The first that asks for it, and at its end the last that did."""
    _, credit = in_turn

    credited = {place: {function(each) for each in credit[place]} for place in FIXTURES}
    assert credited == {
        "set_up": {"test_scope_alone"},
        "teardown": {"test_scope_alone"},
        "module_set_up": {"test_scope_first"},
        "module_teardown": {"test_scope_last"},
    }


@pytest.mark.parametrize("how", ["loadscope", "worksteal"])
def test_neither_order_nor_workers_change_who_is_credited(
    started: Project, in_turn: tuple[Ended, Credit], how: str
) -> None:
    """Another order each time, by pytest-randomly, and two test processes that share the tests out as `how` says."""
    _, before = in_turn

    ended = started.run("-n", "2", "--dist", how, "-p", "randomly", env=ALL_PLUGINS)

    after = who(started)
    assert ended.status == 0, ended.output
    assert {place: after[place] for place in after.keys() - FIXTURES} == {
        place: before[place] for place in before.keys() - FIXTURES
    }
    assert UNNAMED in ended.output


def test_a_browser_says_which_test_drives_it(started: Project) -> None:
    """A page, its requests and websockets; a context that serves several tests; requests beside it; both APIs."""
    pytest.importorskip("playwright")
    if CHROMIUM is None:
        pytest.skip("the tests in a browser need chromium")

    ended = started.run("-p", "no:randomly", "browser", env=ALL_PLUGINS)

    assert ended.status == 0, ended.output
    assert not wrong(who(started, "service/main.py"), asked="test_.*(page|kept|request_context|async_request|outside)")
