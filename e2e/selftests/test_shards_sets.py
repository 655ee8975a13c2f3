"""Which sets of shards are a whole, and what is said of others. No run is made: a shard is what it says of itself."""

from __future__ import annotations

import random
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from afterawait.plugin.selection import collected, share
from afterawait.runs import shards
from afterawait.runs.manifest import Manifest
from afterawait.runs.shards import Part, digest_of

TESTS = [f"tests/test_{letter}.py::test_{number}" for letter in "abc" for number in range(3)]


SCATTERED = (
    "These are shards of different Pythons or systems: 1/2 by Python 3.13 on linux; 2/2 by Python 3.14 on linux."
    " Which lines there are to run differs."
)
OWN_NAMES = (
    "Shard 3/3 in a/3 is of another run than shard 1/3 in a/1: both chose from 9 tests, whose names differ though the"
    " files do not (is there a path, a time or a random number in one?)."
)
UNEVEN = (
    "The shards do not add up: 3 of 9 tests are in no shard; tests/test_a.py::test_0 is in shards 1/2 and 2/2; "
    "tests/test_a.py::test_2 is in shards 1/2 and 2/2."
)


def part(index: int, count: int, tests: list[str] = TESTS, **said: Any) -> Part:
    """The shard `index` of `count`, in a folder of its name."""
    collected = {"tests": len(tests), "names": digest_of(tests), "files": "f"}
    known: dict[str, Any] = {"sources": {"toy/main.py": "s"}, "python": "3.13", "system": "linux", "partial": ""}
    known |= {"divided_of": collected, "share": sorted(share(tests, (index, count)))}
    return Part(f"a/{index}", Manifest("/somewhere", shard=(index, count), **known | said))


def whole(count: int, tests: list[str] = TESTS, **said: Any) -> list[Part]:
    """All of `count` shards."""
    return [part(index, count, tests, **said) for index in range(1, count + 1)]


def messages(parts: list[Part]) -> list[str]:
    """What is said of a set of shards."""
    return [each.message for each in shards.examine(parts)]


@given(st.lists(st.text(min_size=1, max_size=3)), st.integers(1, 12), st.randoms())
def test_shares_are_the_whole_and_none_is_in_two(names: list[str], count: int, chance: random.Random) -> None:
    """Whatever the tests are called, in whatever order they come, and where two have one name, too."""
    shuffled = chance.sample(names, len(names))

    each = [share(shuffled if index % 2 else names, (index, count)) for index in range(1, count + 1)]

    assert sorted(name for names_of_one in each for name in names_of_one) == sorted(set(names))


@given(st.integers(1, 12), st.data())
def test_a_whole_is_one_and_what_lacks_in_it_is_named(count: int, data: st.DataObject) -> None:
    """Each missing one, and no other; in any order, and with more shards than tests."""
    missing = data.draw(st.sets(st.integers(1, count), max_size=count - 1))
    parts = data.draw(st.permutations([each for each in whole(count) if each.index not in missing]))

    found = messages(parts)

    names = ", ".join(f"{index}/{count}" for index in sorted(missing))
    several = len(missing) > 1
    expected = f"Shard{'s' * several} {names} {'are' if several else 'is'} not among these runs."
    assert found == ([expected] if missing else [])


@pytest.mark.parametrize(
    ("parts", "said"),
    [
        ([*whole(3), part(2, 3)], "Shard 2/3 is there twice: in a/2, a/2."),
        ([*whole(3), part(2, 3), part(2, 3)], "Shard 2/3 is there 3 times: in a/2, a/2, a/2."),
        ([*whole(3)[:2], part(3, 4)],
         "Shard 3/4 in a/3 is of another run than shard 1/3 in a/1: it is one of 4, the other one of 3."),
        ([*whole(3)[:2], part(3, 3, TESTS[1:])],
         "Shard 3/3 in a/3 is of another run than shard 1/3 in a/1: it chose from 8 tests, the other from 9."),
        ([*whole(3)[:2], part(3, 3, [*TESTS[1:], "tests/test_a.py::test_new"])],
         OWN_NAMES),
        ([*whole(3)[:2], part(3, 3, sources={"toy/main.py": "t"})],
         "Shard 3/3 in a/3 is of another run than shard 1/3 in a/1: the sources differ (toy/main.py)."),
        ([part(1, 2), part(2, 2, python="3.14")],
         SCATTERED),
        ([*whole(2), part(2, 2, python="3.14")], "Shard 1/2 of Python 3.14 on linux is not among these runs."),
        ([part(1, 2), part(2, 2, share=TESTS[:3])],
         UNEVEN),
        ([part(1, 2), part(2, 2, share=[*TESTS[1::2], "tests/test_z.py::test_0"])],
         "The shards do not add up: they ran other tests than were collected."),
    ],
    ids=["twice", "three times", "another number", "fewer tests", "other tests", "other sources", "pythons scattered",
         "pythons", "order", "others"],
)  # fmt: skip
def test_what_is_no_whole_is_told(parts: list[Part], said: str) -> None:
    """In one sentence, with the folder where that is not clear from the shard's number."""
    assert messages(parts) == [said]


def test_files_of_tests_that_differ_are_of_another_run() -> None:
    """The same names of tests may stand for other tests."""
    other = part(2, 2)
    changed = replace(other.manifest, divided_of={**(other.manifest.divided_of or {}), "files": "g"})

    found = messages([part(1, 2), replace(other, manifest=changed)])

    assert [each.partition("a/1: ")[2] for each in found] == ["the files of the tests differ, or a conftest.py."]


def test_a_conftest_that_differs_makes_another_run(tmp_path: Path) -> None:
    """What a fixture does is what a test does. Where the checkout lies does not matter."""
    said = []
    for number, text in enumerate(["", "", "x = 1\n"]):
        root = tmp_path / str(number)
        (root / "tests").mkdir(parents=True)
        (root / "tests" / "conftest.py").write_text(text)
        plugins = [SimpleNamespace(__file__=str(root / "tests" / "conftest.py")), SimpleNamespace(), object()]
        manager = SimpleNamespace(get_plugins=plugins.copy)
        config: Any = SimpleNamespace(rootpath=root, pluginmanager=manager)
        said.append(collected(config, [], []))

    assert said[0] == said[1]
    assert said[0]["files"] != said[2]["files"]


def test_a_machine_may_know_the_sources_by_other_names() -> None:
    """Through a link, say: what counts is what is in them, and where each is, the judge finds out."""
    known = part(2, 2, sources={"packages/one/toy/main.py": "s"})

    assert messages([part(1, 2), known]) == []


def test_each_python_may_have_a_whole_of_its_own() -> None:
    """As where a job for each version uploads its shards, and one job combines all."""
    assert messages([*whole(2), *whole(3, python="3.14"), *whole(2, system="darwin")]) == []


def test_runs_that_were_not_divided_are_no_shards() -> None:
    """Alone, several of them, or beside shards."""
    undivided = Part("b", Manifest("/somewhere", {}, partial="", python="3.13", system="linux"))

    assert messages([undivided]) == messages([undivided, undivided, *whole(2)]) == []


def test_a_shard_that_fell_ill_is_of_no_other_run() -> None:
    """Where tests could not be collected, nobody knows which there are: that is the fault, and it was told."""
    assert messages([part(1, 2), part(2, 2, divided_of=None, share=None)]) == []


def test_a_selected_share_may_be_uneven() -> None:
    """With --lf each share is what failed of it: nothing gates anyway."""
    assert messages([part(1, 2, partial="selected"), part(2, 2, share=[], partial="selected")]) == []


def test_many_missing_shards_are_not_all_listed() -> None:
    """The number of the others is."""
    [said] = messages([part(7, 1000)])

    assert said.startswith("Shards 1/1000, 2/1000, 3/1000")
    assert "21/1000 and 979 more are not among these runs." in said
