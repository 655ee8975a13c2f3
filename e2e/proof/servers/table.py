"""The table of servers' commands: columns of text, and of docs/servers.md. Proof process."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from importlib import metadata

from e2e.proof.servers.rows import ENDINGS
from e2e.proof.servers.run import Outcome

PACKAGES = (
    *("coverage", "uvicorn", "fastapi", "fastapi-cli", "starlette", "gunicorn", "uvicorn-worker", "hypercorn"),
    *("granian", "honcho", "trio", "uvloop", "opentelemetry-instrumentation", "arq", "celery"),
    *("taskiq", "fakeredis"),
)
BEGINS, ENDS = "<!-- the table: made by scripts/servers.sh --write -->", "<!-- its end -->"
Outcomes = Mapping[tuple[str, str], Outcome | None]


def versions() -> str:
    """Of what was run."""
    found = []
    for each in PACKAGES:
        try:
            found.append(f"{each} {metadata.version(each)}")
        except metadata.PackageNotFoundError:
            found.append(f"{each} not installed")
    return ", ".join(found)


def cell(outcome: Outcome | None) -> str:
    """One outcome in few words; None where there is nothing to try."""
    if outcome is None:
        return "-"
    if outcome.failed:
        return "FAILED"
    known = "complete" if not outcome.lost else f"{outcome.lost} of {outcome.ran} lost"
    wrong = [f"{outcome.unseen} unseen"] * bool(outcome.unseen) + [f"{outcome.wrong} credited wrongly"] * bool(
        outcome.wrong
    )
    killed = ["killed, said"] * bool(outcome.said)
    refused = ["refused"] * bool(outcome.refused)
    return ", ".join([known, *wrong, *killed, *refused])


def is_right(outcome: Outcome | None) -> bool:
    """Whether all is known, or the run says that it is not: neither a wrong number believed nor a right one refused."""
    if outcome is None:
        return True
    return (
        not outcome.failed and not outcome.unseen and not outcome.wrong and bool(outcome.lost) == bool(outcome.refused)
    )


def _rows(outcomes: Outcomes) -> list[Sequence[str]]:
    names = list(dict.fromkeys(name for name, _ in outcomes))
    endings = [each.name for each in ENDINGS if any(ending == each.name for _, ending in outcomes)]
    return [
        ("command", *endings),
        *(
            (name, *(cell(outcomes[name, ending]) if (name, ending) in outcomes else "not tried" for ending in endings))
            for name in names
        ),
    ]


def terminal(outcomes: Outcomes) -> str:
    """Columns of plain text."""
    rows = _rows(outcomes)
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = ["  ".join(word.ljust(width) for word, width in zip(row, widths, strict=True)).rstrip() for row in rows]
    return "\n".join([*lines, "", versions()])


def markdown(outcomes: Outcomes, python: str) -> str:
    """For docs/servers.md."""
    head, *body = [f"| {' | '.join(each.replace('|', ' ') for each in row)} |" for row in _rows(outcomes)]
    separator = f"|{' --- |' * len(_rows(outcomes)[0])}"
    return "\n".join([BEGINS, "", head, separator, *body, "", f"Python {python}, {versions()}.", "", ENDS])
