"""Nor this one."""

old = "and kept"
