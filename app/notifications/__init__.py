"""What followers are told of; runs in the server process."""
