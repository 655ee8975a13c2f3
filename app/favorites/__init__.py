"""Favouriting and unfavouriting articles; runs in the server process."""
