"""Run servers' commands, end each in several ways, and hold what was measured against the oracle. Proof process.

python -m e2e.proof.servers [--quick] [--only WORD] [--write]
"""

from __future__ import annotations

import argparse
import platform
import sys
import tempfile
from pathlib import Path

from e2e.proof.servers import table
from e2e.proof.servers.rows import COMMANDS, ENDINGS, STOP, Command, Ending
from e2e.proof.servers.run import Outcome, run

DOCUMENT = Path(__file__).parents[3] / "docs" / "servers.md"


def main() -> int:
    """The table, printed; 1 where a cell is wrong."""
    parser = argparse.ArgumentParser(prog="scripts/servers.sh", description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="stop each command once, as a run does")
    parser.add_argument("--only", default="", metavar="WORD", help="only commands with WORD in their name")
    parser.add_argument("--write", action="store_true", help="put the table into docs/servers.md")
    chosen = parser.parse_args()
    commands = [each for each in COMMANDS if chosen.only in each.name]
    for command in commands:
        if command.absent:
            print(f"{command.name}: {command.absent} is not installed here", file=sys.stderr)
    commands = [each for each in commands if not each.absent]
    outcomes: dict[tuple[str, str], Outcome | None] = {}
    try:
        for ending in [STOP] if chosen.quick else ENDINGS:
            for command in commands:
                outcome = outcomes[command.name, ending.name] = _cell(command, ending)
                print(f"{command.name}; {ending.name}: {table.cell(outcome)}", file=sys.stderr)
                for each in _details(outcome):
                    print(f"    {each}", file=sys.stderr)
    except KeyboardInterrupt:
        print("interrupted: the table has what was tried", file=sys.stderr)
    print(table.terminal(outcomes))
    if chosen.write:
        text = DOCUMENT.read_text(encoding="utf-8")
        before, _, rest = text.partition(table.BEGINS)
        after = rest.partition(table.ENDS)[2]
        DOCUMENT.write_text(before + table.markdown(outcomes, platform.python_version()) + after, encoding="utf-8")
    return int(not all(map(table.is_right, outcomes.values())))


def _cell(command: Command, ending: Ending) -> Outcome | None:
    if ending.name == "new workers" and command.anew is None:
        return None
    with tempfile.TemporaryDirectory(prefix="afterawait-servers-") as folder:
        return run(command, ending, Path(folder).resolve())


def _details(outcome: Outcome | None) -> list[str]:
    return [each for each in (outcome.failed, outcome.said, *outcome.refused) if each] if outcome is not None else []


if __name__ == "__main__":
    sys.exit(main())
