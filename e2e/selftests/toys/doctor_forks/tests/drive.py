"""A test of the helper."""

from shop import helper

assert helper.helped() == b"pear"
