"""`python -m afterawait`: the same as the command `afterawait`. Driver process."""

import sys

from afterawait.cli.__main__ import main

sys.exit(main())
