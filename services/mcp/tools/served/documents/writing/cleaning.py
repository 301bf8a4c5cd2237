"""Characters that any format takes."""

import re

# XML 1.0 has no place for these, and text no use.
_NOWHERE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")


def cleaned(text: str) -> str:
    """Remove control characters and unpaired surrogates."""
    return _NOWHERE.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))
