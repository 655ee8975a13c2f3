"""What processes left behind, read: coverage data files, witness files, sets of lines. Driver process, and pages."""
