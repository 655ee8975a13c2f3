"""Profiles, following and unfollowing; runs in the server process."""
