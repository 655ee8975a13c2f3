"""The checks of a project, one module each: `check(project)` says what it has found. Driver process."""
