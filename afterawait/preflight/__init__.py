"""What can be known before databases and servers start: found out in two seconds, not after minutes. Driver process."""
