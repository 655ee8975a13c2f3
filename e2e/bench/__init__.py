"""What measuring costs the server: the lanes side by side, in one run. A process of its own, scripts/bench.sh.

lanes    the ways to measure that are compared
load     the requests that are sent, and from where
rounds   interleaved rounds and what they add up to
"""
