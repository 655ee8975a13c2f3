"""The measurement held against an oracle that shares no code with it. A process of its own, scripts/proof.sh.

subjects   the programs that are measured, as files
oracle     that source rewritten, so that each statement reports itself before it runs
stage      the rewritten application on disk, and servers of it
lost       what each setting of coverage.py denies that ran
claims     what it claims that never was: branches, lines over annotations
exact      two hundred requests at once under as many tests' ids: none credited with a wrong line
kills      servers killed at random moments under load: no line lost that had run
"""
