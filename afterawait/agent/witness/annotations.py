"""Evaluations of annotations, which are code of their own from Python 3.14 on (PEP 649). In measured processes.

Whoever asks for a class's, a function's or a module's annotations runs that code, over the lines on which they stand,
whether or not those lines ever ran. coverage.py's C tracer counts them as run; its sysmon core leaves the code out, and
its reports know no statements there. So the witness keeps such lines apart, in a row that is nobody's.
"""

from __future__ import annotations

from types import CodeType

from afterawait.agent.witness.attribution import Attribution
from afterawait.agent.witness.format import RowKind

ANNOTATE = "__annotate__"
"""The name of that code. coverage.py goes by it as well, on every Python."""


def note_evaluation(code: CodeType, attribution: Attribution) -> None:
    """Note all lines of such code, which is about to run: which of them it comes to does not matter."""
    row = attribution.row(RowKind.ANNOTATIONS, "")
    if row is attribution.overflow:  # counted as lost: there its lines would pass for lines that ran
        return
    for line in sorted({line for _, _, line in code.co_lines() if line}, reverse=True):  # the first makes room for all
        attribution.missed(row, code.co_filename, line, 1)
