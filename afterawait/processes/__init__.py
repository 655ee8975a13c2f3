"""What must end with the process that started it, and waiting with a deadline. Test process."""
