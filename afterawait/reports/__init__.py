"""What follows a run: combine, contexts, gate, and all that is printed. Driver process."""
