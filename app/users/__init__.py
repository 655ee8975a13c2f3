"""Registration, login and the current user; runs in the server process."""
