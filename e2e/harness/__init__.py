"""The harness: runs in the test process, starts what a run needs, and judges what it measured."""
