"""A plugin that prints a line for each collected test: its file and its marks."""

import pytest

LINE = "marks-of"


def pytest_collection_finish(session: pytest.Session) -> None:
    """Print the lines."""
    writer = session.config.get_terminal_writer()
    for item in session.items:
        marks = sorted({mark.name for mark in item.iter_markers()})
        writer.line(" ".join((LINE, item.nodeid.partition("::")[0], *marks)))
