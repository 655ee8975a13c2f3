"""Servers' commands, and ways of ending them, held against the oracle: scripts/servers.sh. Proof process."""
