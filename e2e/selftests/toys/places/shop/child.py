"""Runs in a child process, in another working folder."""

number = 1
print(number)
