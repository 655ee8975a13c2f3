"""The front-end of the live page, in static/: plain files without a build step."""
