"""What a process does to itself, and which lines are known afterwards. A process of its own, scripts/proof.sh.

rows     the ways to end, to fork, to be interrupted; and the columns, in which each is measured
run      one program, measured in one column, held against the oracle
matrix   every row in every column
table    the answer
"""
