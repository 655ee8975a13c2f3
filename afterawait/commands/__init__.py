"""Commands as people keep them in files: their words, and which programs of Python they start. Driver process.

`init` and `doctor` both read a project's commands: each line of a Dockerfile, a Makefile or a script is read here.
"""
