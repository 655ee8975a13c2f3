"""A plugin of coverage.py: lines of pages, and of the modules that are generated from them, are the pages' own."""

from pathlib import Path

from coverage.plugin import CoveragePlugin, FileReporter, FileTracer


class Pages(CoveragePlugin):
    """The plugin."""

    def file_tracer(self, filename):
        """Of pages and their modules."""
        path = Path(filename)
        if path.suffix == ".page":
            return Page(path)
        return Page(path.with_name(path.name.removesuffix("_page.py") + ".page")) if path.match("*_page.py") else None

    def file_reporter(self, filename):
        """Of a page."""
        return Reporter(filename)


class Page(FileTracer):
    """A page that runs."""

    def __init__(self, path):
        self.path = path

    def source_filename(self):
        """The page."""
        return str(self.path)


class Reporter(FileReporter):
    """A page in reports."""

    def lines(self):
        """All."""
        return set(range(1, len(Path(self.filename).read_text().splitlines()) + 1))


def coverage_init(reg, options):
    reg.add_file_tracer(Pages())
