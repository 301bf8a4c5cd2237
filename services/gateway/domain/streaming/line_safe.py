"""JSON in one line, for every client's definition of a line end."""

_LINE_ENDS = tuple((end.encode(), f"\\u{ord(end):04x}".encode()) for end in "\x85\u2028\u2029")


def line_safe(json: bytes) -> bytes:
    """Escape the Unicode line ends in the strings of a JSON text.

    Line feeds are always escapes in JSON. Unicode has other line ends, at which some clients (those that read with
    Python's `str.splitlines`, and so with httpx's `iter_lines`) split a frame.
    """
    if json.isascii():
        return json
    for end, escape in _LINE_ENDS:
        if end in json:
            json = json.replace(end, escape)
    return json
