"""Tests of the harness, the agent and the scripts, on toy applications in projects of their own."""
