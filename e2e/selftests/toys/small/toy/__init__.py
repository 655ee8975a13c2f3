"""The measured package."""
