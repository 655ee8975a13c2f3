"""Whether a run's measurement can be believed. Driver process."""
