"""Articles: lists, the personal feed, publishing, editing and deleting; runs in the server process."""
