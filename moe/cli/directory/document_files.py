"""Template and profile files: one object, a list of objects, or an exported object with a list."""

import sys
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import orjson

from libs.contracts.template_parsing import UnfitDocument

STANDARD = "-"


def read_documents(paths: Sequence[str], words: str) -> Iterator[tuple[str, object]]:
    """Yield each document with its file name; `words` names the list in an export. Raises UnfitDocument."""
    for path in paths:
        name = "standard input" if path == STANDARD else path
        try:
            parsed: object = orjson.loads(_content(path))
        except OSError as error:
            raise UnfitDocument(f"{name}: {error.strerror}") from error
        except orjson.JSONDecodeError as error:
            raise UnfitDocument(f"{name}: not valid JSON (line {error.lineno}, column {error.colno})") from error
        yield from ((name, document) for document in _listed(parsed, words))


def export_of(documents: Iterable[dict[str, object]], words: str) -> str:
    """Documents in the format that `import` reads."""
    return orjson.dumps({words: list(documents)}, option=orjson.OPT_INDENT_2).decode()


def write(path: str, text: str) -> None:
    """Write a file, or standard output. Raises UnfitDocument."""
    if path == STANDARD:
        sys.stdout.write(f"{text}\n")
        return
    try:
        Path(path).write_text(f"{text}\n", "utf-8")
    except OSError as error:
        raise UnfitDocument(f"{path}: {error.strerror}") from error


def _content(path: str) -> bytes:
    return sys.stdin.buffer.read() if path == STANDARD else Path(path).read_bytes()


def _listed(parsed: object, words: str) -> list[object]:
    if isinstance(parsed, dict) and words in parsed:
        parsed = parsed[words]
    return parsed if isinstance(parsed, list) else [parsed]
