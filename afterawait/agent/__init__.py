"""The agent: what runs inside the measured processes. Standard library and coverage only.

Of the application's own libraries, server.py imports uvicorn, and the canary SQLAlchemy where the application has it.
"""
