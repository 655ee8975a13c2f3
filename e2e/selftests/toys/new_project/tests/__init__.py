"""Its tests, over HTTP."""
