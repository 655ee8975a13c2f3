"""What the witness's files are used for once a run is over. Driver process, and whoever else reads them.

reader     one file, checked and read
examine    coverage.py and the witness held against each other, process by process
contexts   the tests that ran each line, as contexts in the combined data
layer      what only the witness knows: lines of processes that were killed
"""
