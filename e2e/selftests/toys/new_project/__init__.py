"""A project as somebody begins one: settings of two lines, an application, two tests."""
