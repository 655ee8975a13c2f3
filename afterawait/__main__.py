"""`python -m afterawait`: the same as the command `afterawait`. Driver process.

It is the one module that an older Python reads as well, and is told so: installers refuse such a Python by themselves.
"""

import sys

if sys.version_info < (3, 12):  # noqa: UP036  # a checkout is on PYTHONPATH, say
    print(
        "environment (4): This is Python {}.{}, and afterawait needs 3.12 or newer.".format(*sys.version_info),
        file=sys.stderr,
    )
    print("    Run it with the Python of your project's environment.", file=sys.stderr)
    sys.exit(4)

from afterawait.cli.__main__ import main

sys.exit(main())
