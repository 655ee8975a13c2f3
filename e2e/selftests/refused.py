"""What a run that was refused has said, and whether it had started anything. Test process of the selftests."""

from __future__ import annotations

from e2e.selftests.project import Project


def the_sentence(output: str) -> str:
    """The last finding's first line."""
    return [line for line in output.splitlines() if "): " in line and not line.startswith(" ")][-1]


def started(project: Project) -> list[str]:
    """What servers and databases have left."""
    runs = project.root / ".afterawait" / "runs"
    logs = [str(each) for each in runs.glob("*/servers/*") if each.is_dir() and any(each.glob("*.log"))]
    return [*logs, *map(str, (project.root / ".afterawait").glob("sqlite-*"))]
