"""Print the application's arcs in a coverage data file, sorted: what two runs are compared by.

Without those from -1: where a line has no arc within one test, its context has such an entry arc (which no report
counts), and which lines these are depends on how the tests were spread.
"""

from __future__ import annotations

import sys
from contextlib import closing
from pathlib import Path

from coverage import CoverageData


def main(data_file: str) -> None:
    """One line an arc: file, from, to."""
    data = CoverageData(basename=data_file)
    data.read()
    with closing(data):
        for name in sorted(data.measured_files()):
            path = Path(name)
            if path.is_relative_to(Path.cwd() / "app"):
                for start, end in sorted(data.arcs(name) or ()):
                    if start != -1:
                        print(path.relative_to(Path.cwd()), start, end)


if __name__ == "__main__":
    main(sys.argv[1])
