"""The setup command."""

import asyncio

from shop.reading import moment, pieces

if moment("setup"):
    asyncio.run(pieces())
