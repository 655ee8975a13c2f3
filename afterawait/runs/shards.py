"""Whether shards add up to the run that was divided: none missing, none twice, none of another run. Driver process.

A shard says of itself which share of how many it is, from which tests that was chosen, and which these are. Shards are
put together by the Python and the system they ran on: those of two make two runs, each of which has to be whole.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from afterawait.faults import MeasurementFault
from afterawait.runs.manifest import Manifest

SHOWN = 5
"""Shards or tests that a sentence names; more would bury the others."""
ONE_COMMIT = "Run all shards on one commit, with the same options; give `combine` the runs of that one alone."


def digest_of(names: Iterable[str]) -> str:
    """The same for the same names, in whatever order they come."""
    return hashlib.sha256("\0".join(sorted(names)).encode("utf-8", "surrogatepass")).hexdigest()


@dataclass(frozen=True)
class Part:
    """One run of those that are combined; `place` is its folder, for people."""

    place: str
    manifest: Manifest

    @property
    def index(self) -> int:
        """Of its share, from 1."""
        return self.manifest.shard[0] if self.manifest.shard else 0

    @property
    def count(self) -> int:
        """Of all shares."""
        return self.manifest.shard[1] if self.manifest.shard else 0

    @property
    def name(self) -> str:
        """As people write it."""
        return f"{self.index}/{self.count}"

    @property
    def why_unserved(self) -> str:
        """Why no server was started, said of a shard in which none was."""
        if not self.manifest.empty:
            return f"no test of {self.name} asked for a server"
        tests = self.manifest.divided_of["tests"] if self.manifest.divided_of else 0
        return f"{self.name} has no test (of {tests:,} in all)"

    @property
    def platform(self) -> str:
        """What it ran on."""
        return f"Python {self.manifest.python} on {self.manifest.system}"


@dataclass(frozen=True)
class Finding:
    """What keeps shards from being a whole: `why` nothing gates, and the fault of whoever combines them."""

    why: str
    message: str
    hint: str

    def fault(self) -> MeasurementFault:
        """As what ends a command."""
        return MeasurementFault(self.message, hint=self.hint)


def examine(parts: Sequence[Part]) -> list[Finding]:
    """What keeps the shards among `parts` from adding up; [] if all is well, or nothing was divided."""
    divided = [each for each in parts if each.manifest.shard]
    by_platform = [list(group) for _, group in groupby(sorted(divided, key=_platform), key=_platform)]
    if len(by_platform) > 1:
        if all(map(_missing, by_platform)) and not _missing(divided):
            return [_scattered(by_platform)]
        return [finding for each in by_platform for finding in _of_one(each, f" of {each[0].platform}")]
    return _of_one(divided, "") if divided else []


def _platform(part: Part) -> str:
    return part.platform


def _of_one(parts: Sequence[Part], platform: str) -> list[Finding]:
    """Of shards that ran on one platform."""
    found = [*_foreign(parts)]
    if found:
        return found  # which are missing or twice cannot be said of shards of several runs
    found += _doubled(parts, platform)
    if missing := _missing(parts):
        several = len(missing) > 1
        what = f"hard{'s' * several} {_some(missing, 4 * SHOWN)}{platform} {'are' if several else 'is'} not among"
        hint = "Look at that shard's job, and whether it uploaded .afterawait/runs."
        found.append(Finding(f"s{what} them", f"S{what} these runs.", hint))
    return found or list(_uneven(parts))


def _missing(parts: Iterable[Part]) -> list[str]:
    there = {each.index for each in parts}
    count = max(each.count for each in parts)
    return [f"{index}/{count}" for index in range(1, count + 1) if index not in there]


def _scattered(by_platform: Sequence[Sequence[Part]]) -> Finding:
    """Shards that would add up if they had run on the same Python."""
    where = "; ".join(f"{_some(_names(each))} by {each[0].platform}" for each in by_platform)
    return Finding(
        "the shards ran on different Pythons or systems",
        f"These are shards of different Pythons or systems: {where}. Which lines there are to run differs.",
        "Run all shards of a run on the same Python and system, or all of them on each.",
    )


def _foreign(parts: Sequence[Part]) -> Iterator[Finding]:
    """Those that are of another run than most: divided by another number, of other tests, of other sources."""
    for differs in (_by_count, _by_tests, _by_files, _by_sources):
        found = list(_unlike_most(parts, *differs))
        yield from found
        if found:
            return


def _unlike_most(
    parts: Sequence[Part], key: Callable[[Part], Hashable], tell: Callable[[Part, Part], str]
) -> Iterator[Finding]:
    known = [each for each in parts if key(each) is not None]
    if len({key(each) for each in known}) < 2:  # noqa: PLR2004  # all are alike
        return
    [(usual, _)] = Counter(map(key, known)).most_common(1)
    example = next(each for each in known if key(each) == usual)
    strange = [each for each in known if key(each) != usual]
    for each in strange[:SHOWN]:
        why = tell(each, example)
        yield Finding(
            f"shard {each.name} is of another run",
            f"Shard {each.name} in {each.place} is of another run than shard {example.name} in {example.place}: {why}.",
            ONE_COMMIT,
        )


def _tests(part: Part) -> Hashable:
    collected = part.manifest.divided_of
    return (collected["tests"], collected["names"]) if collected else None


def _how_tests_differ(one: Part, other: Part) -> str:
    ours, theirs = (each.manifest.divided_of or {"tests": 0} for each in (one, other))
    if ours["tests"] != theirs["tests"]:
        return f"it chose from {ours['tests']:,} tests, the other from {theirs['tests']:,}"
    same = ours["files"] == theirs["files"]  # so each machine makes its own names
    why = " though the files do not (is there a path, a time or a random number in one?)" if same else ""
    return f"both chose from {ours['tests']:,} tests, whose names differ{why}"


def _how_sources_differ(one: Part, other: Part) -> str:
    pairs = ((one, other), (other, one))
    names = {name for a, b in pairs for name, digest in a.manifest.sources.items() if digest not in _contents(b)}
    return f"the sources differ ({_some(sorted(names))})"


def _contents(part: Part) -> frozenset[str]:
    """Of the sources, whatever each machine calls them: one may know them through a link."""
    return frozenset(part.manifest.sources.values())


_by_count = (lambda part: part.count, lambda one, other: f"it is one of {one.count}, the other one of {other.count}")
_by_tests = (_tests, _how_tests_differ)
_by_files = (
    lambda part: part.manifest.divided_of["files"] if part.manifest.divided_of else None,
    lambda one, other: "the files of the tests differ, or a conftest.py",  # noqa: ARG005  # it is told as the others are
)
_by_sources = (_contents, _how_sources_differ)


def _doubled(parts: Sequence[Part], platform: str) -> Iterator[Finding]:
    for index, group in groupby(sorted(parts, key=lambda each: each.index), key=lambda each: each.index):
        places = [each.place for each in group]
        if len(places) > 1:
            name = f"{index}/{parts[0].count}{platform}"
            yield Finding(
                f"shard {name} is there {_times(len(places))}",
                f"Shard {name} is there {_times(len(places))}: in {', '.join(places)}.",
                "Give each share once: of a job that was run again, the run that counts.",
            )


def _uneven(parts: Sequence[Part]) -> Iterator[Finding]:
    """Shares that do not add up though each is there once: their tests were divided in another order, say."""
    collected = parts[0].manifest.divided_of
    if collected is None or any(each.manifest.partial or each.manifest.share is None for each in parts):
        return
    ran = [name for each in parts for name in each.manifest.share or ()]
    if digest_of(ran) == collected["names"]:
        return
    held = {name: [each.name for each in parts if name in set(each.manifest.share or ())] for name in _several(ran)}
    twice = "; ".join(f"{name} is in shards {' and '.join(shards)}" for name, shards in held.items())
    lacking = collected["tests"] - len(set(ran))
    none = f"{lacking:,} of {collected['tests']:,} tests {'is' if lacking == 1 else 'are'} in no shard"
    told = [none] * (lacking > 0) + [twice] * bool(twice)
    yield Finding(
        "the shards do not add up",
        f"The shards do not add up: {'; '.join(told) or 'they ran other tests than were collected'}.",
        "Divide the same tests everywhere: with pytest-split in the same order (`-p no:randomly`, or one"
        " --randomly-seed for all shards) and by the same durations file. `--shard I/N` needs neither.",
    )


def _several(names: Iterable[str]) -> list[str]:
    return [name for name, times in sorted(Counter(names).items()) if times > 1][:SHOWN]


def _names(parts: Iterable[Part]) -> list[str]:
    return [each.name for each in sorted(parts, key=lambda each: (each.count, each.index))]


def _some(names: Sequence[str], most: int = SHOWN) -> str:
    return ", ".join(names[:most]) + f" and {len(names) - most:,} more" * (len(names) > most)


def _times(number: int) -> str:
    return "twice" if number == 2 else f"{number} times"  # noqa: PLR2004  # a word of its own
