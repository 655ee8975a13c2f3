"""What measuring costs: the server, the suite, a run's second half, a start. A process of its own, scripts/bench.sh.

modes      the ways to measure that are compared, SlipCover among them
load       the requests that are sent, and from where
rounds     interleaved rounds, and what they add up to
suite      the wall time of whole runs
scale      judging, combining and reporting runs of many sizes: synthetic makes them up, cell measures one
starting   with thousands of files, and until `afterawait --help` has answered
results    the figures; bars, tables, plots and written are made of these alone
"""
