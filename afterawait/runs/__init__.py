"""A run's folder on disk, its manifest and its lock. Driver and test process."""
