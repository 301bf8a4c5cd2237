"""Texts that name something else: a tool that counts or hashes the name answers another question."""

import re

_WORD = r"(?:[A-Z]?[a-z]+|[A-Z]+)\d*"
_WORDS = re.compile(rf"[/_-]*{_WORD}(?:[/_-]+{_WORD})*[/_-]*")
_FILE = re.compile(
    r"[^\s]{1,200}\.(?:txt|md|pdf|docx?|xlsx?|pptx?|csv|tsv|json|ya?ml|xml|html?|css|js|ts|py|java|c|cpp|h|rs|go|rb|php"
    r"|sh|bat|exe|msi|iso|img|zip|gz|tar|tgz|bz2|xz|7z|rar|png|jpe?g|gif|svg|webp|mp3|mp4|wav|log|conf|cfg|ini|toml"
    r"|lock|sql|db|bin|dll|so|deb|rpm|apk|dmg|jar|whl)|(?:~|\.{1,2})?/[^\s]{2,200}|[a-z]:\\[^\s]{1,200}",
    re.IGNORECASE,
)
_BASE64 = re.compile(r"[A-Za-z0-9+/_\s-]+={0,2}\s*")
_SMALL_WORDS = frozenset((
    "a", "an", "and", "at", "by", "for", "from", "in", "of", "on", "or", "the", "to", "with", "am", "auf", "das",
    "dem", "den", "der", "des", "die", "ein", "eine", "im", "ins", "mit", "und", "vom", "von", "zu", "zum", "zur",
))  # fmt: skip


def is_word(text: str) -> bool:
    """True for one word, or words joined by `/`, `_` and `-`: `data`, `README`, `my_file2`."""
    return _WORDS.fullmatch(text) is not None


def may_be_base64(text: str) -> bool:
    """True for letters, digits and signs of Base64."""
    return _BASE64.fullmatch(text) is not None


def is_file(text: str) -> bool:
    """True for the name of a file, or a path."""
    return _FILE.fullmatch(text) is not None


def is_title(text: str) -> bool:
    """True for a text with the capitals of a book title: `War and Peace`."""
    first, *others = text.split() or [""]
    capitals = first[:1].isupper() and all(word[:1].isupper() or word in _SMALL_WORDS for word in others)
    return capitals and text.rstrip()[-1].isalnum()
