"""JSON that stays in its line whatever a client takes for the end of one.

Line feeds are always escapes in JSON. Unicode has other ends of lines, at which some clients (those that read with
Python's `str.splitlines`, and so with httpx's `iter_lines`) cut a frame in two.
"""

_LINE_ENDS = tuple((end.encode(), f"\\u{ord(end):04x}".encode()) for end in "\x85\u2028\u2029")


def line_safe(json: bytes) -> bytes:
    """Return the same JSON with escapes for the ends of lines in its strings."""
    if json.isascii():
        return json
    for end, escape in _LINE_ENDS:
        if end in json:
            json = json.replace(end, escape)
    return json
