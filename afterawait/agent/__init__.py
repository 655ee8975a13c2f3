"""The agent: what runs inside the measured processes. Standard library, coverage and uvicorn only."""
