"""Applications and projects that selftests copy and run; never imported from here."""
