"""What coverage.py claims that never was: branches, lines over annotations. A process of its own, scripts/proof.sh.

run      one program, measured in one way, and its claims held against the oracle
matrix   the same in every way, on every Python
table    the answer
"""
