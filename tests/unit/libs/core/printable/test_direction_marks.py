"""No text reverses a log line, an event or a file name: every character with Unicode's property Bidi_Control."""

import logging

import pytest

from libs.core.printable import printable
from libs.core.security_events import one_line
from libs.runtime.telemetry import JsonLines
from services.mcp.tools.served.files.names import safe_name

# PropList.txt of Unicode 16: Bidi_Control.
MARKS = ("\u061c", "\u200e", "\u200f", *map(chr, range(0x202A, 0x202F)), *map(chr, range(0x2066, 0x206A)))


def logged(text: str) -> str:
    return JsonLines().format(logging.LogRecord("libs.x", logging.WARNING, __file__, 1, "from %s", (text,), None))


@pytest.mark.parametrize("mark", MARKS, ids=ascii)
def test_a_direction_mark_is_escaped_wherever_text_is_shown(mark: str) -> None:
    text = f"a{mark}z"
    assert not [each for each in (printable(text), one_line(text), logged(text), safe_name(text)) if mark in each]
