"""The project's own start hook."""

import sys

sys.clock_patched = True
