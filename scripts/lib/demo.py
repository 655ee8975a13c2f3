"""Fill the server at AFTERAWAIT_BASE_URL with demo data: what scripts/explore.sh --demo runs."""

from __future__ import annotations

import os

import httpx

from e2e.conduit.demo import fill

if __name__ == "__main__":
    with httpx.Client(base_url=os.environ["AFTERAWAIT_BASE_URL"], timeout=10) as http:
        fill(http)
