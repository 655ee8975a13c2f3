"""What a project is, seen without importing it, and the settings that follow from it. Driver process."""
