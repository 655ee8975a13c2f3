"""What runs for a session: servers, their environment, set-up commands. Test process, or a driver."""
